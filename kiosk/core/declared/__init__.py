"""The settings, declared by group; `kiosk.core.settings` puts them together."""
