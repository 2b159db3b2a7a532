"""The encrypted SQLite gallery."""
