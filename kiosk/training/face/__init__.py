"""The recipe of the face network."""
