"""Puts the kiosk together and runs it: composition, engine, health, diagnostics.

Models, Qt and the database are imported when they are asked for, not when this package is.
"""

from kiosk.runtime.composition import engine_factory, open_gallery, open_source, open_workbench

__all__ = ["engine_factory", "open_gallery", "open_source", "open_workbench"]
