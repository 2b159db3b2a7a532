"""Protocols between packages: what one asks of another, without knowing how it is done."""
