"""Frozen values, settings, errors, ports and the arithmetic of decisions."""
