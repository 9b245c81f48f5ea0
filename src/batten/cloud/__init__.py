"""Strategy 10, registries and cloud: are the registry and the cloud around it closed?"""
