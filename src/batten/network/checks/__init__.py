"""Checks of network segregation, one module per family."""
