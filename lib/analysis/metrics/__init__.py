"""Metric series: read, compared between periods, split into mix and rate, tested for leads."""
