"""Strategy 8, attack surface: what is exposed or enabled without need?"""
