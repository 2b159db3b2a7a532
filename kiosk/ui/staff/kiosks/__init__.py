"""The page of a fleet's kiosks: how each stands, and putting out one that was stolen."""
