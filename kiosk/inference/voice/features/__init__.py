"""Features of speech: mel bands and prosody."""
