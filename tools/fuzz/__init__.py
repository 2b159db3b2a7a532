"""What comes from outside, read with whatever bytes chance and coverage come up with."""
