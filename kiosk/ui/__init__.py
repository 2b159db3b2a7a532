"""Everything people see: the walk-up screen, the admin screens, the bridge from the engine."""
