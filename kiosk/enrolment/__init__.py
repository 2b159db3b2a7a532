"""From samples to stored templates: collect, review, store, import."""
