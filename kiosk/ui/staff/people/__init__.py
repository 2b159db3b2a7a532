"""The people enrolled."""
