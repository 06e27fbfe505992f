"""Parts that every page shares: fields, tables, evidence, findings."""
