"""Face networks, one readable file each."""
