"""Widgets, drawings, theme and keyboard that every screen shares."""
