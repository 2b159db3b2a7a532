"""The tables of docs/accuracy.md."""
