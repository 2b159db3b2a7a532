"""The gallery on disk: encrypted database, its key, migrations and the resident matrices."""

from pathlib import Path

from kiosk.storage.memory.gallery import MemoryGallery
from kiosk.storage.sqlite.gallery import SqlGallery
from kiosk.storage.sqlite.outbox import SqlOutbox

__all__ = ["MemoryGallery", "SqlGallery", "SqlOutbox", "open_gallery", "open_outbox"]


def open_gallery(database: Path, key_file: Path) -> SqlGallery:
    """The gallery in a file, made with its key on the first use; the caller closes it.

    Raises StorageError, WrongKey, NewerDatabase, ReadOnlyDatabase.
    """
    return SqlGallery.open(database, key_file)


def open_outbox(database: Path, key_file: Path) -> SqlOutbox:
    """What waits to be sent, on a connection of its own; the caller closes it.

    Raises StorageError, WrongKey, NewerDatabase, ReadOnlyDatabase.
    """
    return SqlOutbox.open(database, key_file)
