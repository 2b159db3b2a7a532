"""Collections of recordings, their items, and how they are split by person."""
