"""The requests of `/v1`, by what they are about."""
