"""Numbers in, numbers out: intervals, power, sequential reading, rate ratios, multiple testing."""
