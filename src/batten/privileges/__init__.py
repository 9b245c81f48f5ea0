"""Strategy 2, least privilege: what may this workload do?"""
