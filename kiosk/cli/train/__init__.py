"""The commands below `kiosk train`."""
