"""Strategy 4, runtime environment: what may the process ask of the kernel?"""
