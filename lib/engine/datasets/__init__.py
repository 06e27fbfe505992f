"""Datasets: folders named by fingerprint, the library of them, the demo company."""
