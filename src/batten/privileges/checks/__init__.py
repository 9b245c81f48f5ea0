"""Checks of least privilege, one module per family."""
