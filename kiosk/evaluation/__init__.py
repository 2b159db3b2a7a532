"""Protocols, metrics and reports: how well the recognisers do and how sure that is."""
