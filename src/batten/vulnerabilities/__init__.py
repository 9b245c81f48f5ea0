"""Strategy 6: which known flaws are here, which matter, what mends them."""
