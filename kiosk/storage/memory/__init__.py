"""A gallery that is gone with the process: for tests, and for whoever embeds the kiosk."""
