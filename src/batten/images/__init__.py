"""Strategy 1, secure image management: what is in this image, where does it come from?"""
