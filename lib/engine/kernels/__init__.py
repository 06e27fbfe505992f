"""Event analyses over the layout: NumPy kernels that give the same numbers as the portable SQL, sooner."""
