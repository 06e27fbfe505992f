"""Step 4: what the company's stage calls for."""
