"""Samples and embeddings of a collection, extracted once and kept."""
