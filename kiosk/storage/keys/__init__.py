"""Where the key of the gallery is kept."""
