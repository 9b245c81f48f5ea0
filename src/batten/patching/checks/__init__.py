"""Checks of patching, one module per family."""
