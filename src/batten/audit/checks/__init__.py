"""Checks of audit, one module per family."""
