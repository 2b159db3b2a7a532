"""The recipe of the voice network."""
