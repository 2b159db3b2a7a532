"""From comparison scores to likelihood ratios, and from votes to probabilities."""
