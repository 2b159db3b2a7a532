"""How well emotion, age and gender are estimated."""
