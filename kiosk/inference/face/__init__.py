"""From a frame to a judged face, its embedding and its attribute estimates."""
