"""Checks of the runtime environment, one module per family."""
