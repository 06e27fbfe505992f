"""The Process-Outcome framework's content as typed objects, loaded from data/framework."""
