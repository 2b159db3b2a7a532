"""Recipes of presentation attack detection: the face-picture network and the lip-and-sound maps."""
