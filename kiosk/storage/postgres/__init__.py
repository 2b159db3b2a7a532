"""The central gallery of a fleet: PostgreSQL with pgvector, which can read no name."""
