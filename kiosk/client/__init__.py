"""A client of the kiosk's HTTP service, in one file that may be copied as it is; needs httpx."""
