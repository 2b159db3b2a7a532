"""Visits, their scores, corrections and charts."""
