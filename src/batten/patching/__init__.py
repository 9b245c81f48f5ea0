"""Strategy 9, update and patch: what is out of date?"""
