"""batten: find what is loose in a containerised system, fix it, prove the fix, keep watch."""

__version__ = "0.1.0"
