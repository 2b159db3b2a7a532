"""The visit: its states, the search in the gallery, the weighing of evidence, the decision."""
