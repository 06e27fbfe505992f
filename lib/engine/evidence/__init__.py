"""Evidence, facts and their formats, checks of claims, kept results."""
