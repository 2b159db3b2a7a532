"""`kiosk fleet`: its commands, by who gives them."""
