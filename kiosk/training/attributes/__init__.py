"""Recipes of the networks that estimate attributes."""
