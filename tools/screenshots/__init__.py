"""Renders every screen with composed people, to be looked at."""
