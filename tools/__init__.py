"""Programs for people who work on the kiosk; the product imports nothing from here."""
