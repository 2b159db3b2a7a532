"""Voice networks, one readable file each."""
