"""Templates in memory, ready to be searched: a cache of the database."""
