"""Strategy 7, regular audits: does it obey our rules, and can we show it?"""
