"""Checks of access control, one module per family."""
