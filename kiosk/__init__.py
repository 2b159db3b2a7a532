"""A login-free identification kiosk: who you are from face and voice together, offline."""

import logging

__version__ = "0.1.0"

# Where nobody asked for a log, warnings are dropped instead of printed: they may not be redacted.
logging.getLogger(__name__).addHandler(logging.NullHandler())
