"""Recipes that make weights, one readable file each, on one shared training loop."""
