"""What this room adds to an inventory that was read."""
