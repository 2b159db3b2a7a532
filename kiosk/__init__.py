"""A login-free identification kiosk: who you are from face and voice together, offline."""

__version__ = "0.1.0"
