"""Checks of images, one module per family."""
