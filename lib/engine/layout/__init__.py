"""The event layout: sorted arrays that kernels read."""
