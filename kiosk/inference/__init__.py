"""Detection, alignment, embedders, voice activity, attributes, devices and weights."""
