"""The only door to data: intake, contracts, layout, run, sandbox worker."""
