"""Between the screens and the engine: one bridge, clients and requests."""
