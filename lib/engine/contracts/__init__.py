"""What an uploaded table means: contract schema, recognition, channel names."""
