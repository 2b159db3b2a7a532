"""The walk-up screen."""
