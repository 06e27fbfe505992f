"""Step 2: where marketing's responsibility ends and growth's begins."""
