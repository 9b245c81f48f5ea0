"""Checks of surface, one module per family."""
