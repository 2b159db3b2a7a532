"""The emotion of a sentence."""
