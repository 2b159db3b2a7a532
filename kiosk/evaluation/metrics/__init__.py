"""Error rates, intervals and scores of probabilities."""
