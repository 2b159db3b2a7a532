"""From sound to judged speech, its embedding and its attribute estimates."""
