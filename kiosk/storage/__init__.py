"""The gallery on disk: encrypted database, its key, migrations and the resident matrices."""

from kiosk.storage.sqlite.gallery import SqlGallery

__all__ = ["SqlGallery"]
