"""Whether a living person stands before the camera: networks and measures of the three channels."""
