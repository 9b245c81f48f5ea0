"""What this room offers the fixer."""
