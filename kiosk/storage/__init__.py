"""The gallery on disk: encrypted database, its key, migrations and the resident matrices."""

from kiosk.storage.gallery import SqlGallery, SubjectSummary

__all__ = ["SqlGallery", "SubjectSummary"]
