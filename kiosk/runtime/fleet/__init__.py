"""A kiosk in a fleet: its replica of the central gallery, and what it tells there."""
