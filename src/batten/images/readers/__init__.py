"""Targets that this room's engine reads as a whole."""
