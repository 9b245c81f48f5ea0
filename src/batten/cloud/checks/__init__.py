"""Checks of cloud, one module per family."""
