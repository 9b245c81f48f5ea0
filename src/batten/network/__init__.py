"""Strategy 5, network segregation: who can reach whom, and who should?"""
