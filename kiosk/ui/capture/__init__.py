"""Screens on which somebody is captured: preview, consent, guided poses."""
