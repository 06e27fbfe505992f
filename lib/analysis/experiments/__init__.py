"""Step 3: what both teams test together, from design to readout and portfolio."""
