"""The recipe of the text emotion network."""
