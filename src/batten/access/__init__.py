"""Strategy 3, access control: who may touch the containers?"""
