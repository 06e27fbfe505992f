"""Step 1: are process and outcome measured apart, and who owns what?"""
