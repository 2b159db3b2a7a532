"""Puts the kiosk together and runs it: composition, engine, health, diagnostics."""
