"""Landmarks, alignment and pose."""
