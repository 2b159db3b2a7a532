"""The system's keyring, where there is one that keeps secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiosk.core.errors import StorageError

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

SERVICE = "kiosk"
_SUITABLE = 1
"""Priority from which the library calls a keyring fit for use; those in plain files are below."""
_REMEDY = "Unlock the keyring of this account, or keep the key in a file or under a passphrase."


def put(entry: str, secret: str) -> None:
    """Keep a secret and read it back. Raises StorageError."""
    keyring = _keyring()
    try:
        keyring.set_password(SERVICE, entry, secret)
        kept = keyring.get_password(SERVICE, entry)
    except Exception as error:  # whatever a backend raises
        raise _refused(error) from error
    if kept != secret:
        raise StorageError("The system's keyring did not keep the key.", _REMEDY)


def get(entry: str) -> str:
    """A kept secret. Raises StorageError if it is not there or the keyring is locked."""
    keyring = _keyring()
    try:
        found = keyring.get_password(SERVICE, entry)
    except Exception as error:  # whatever a backend raises
        raise _refused(error) from error
    if found is None:
        raise StorageError(
            "The key of the gallery is not in the system's keyring.",
            "Put it back with `kiosk key restore` from your backup of the key.",
        )
    return str(found)


def forget(entry: str) -> None:
    """Take a secret out. Raises StorageError."""
    try:
        _keyring().delete_password(SERVICE, entry)
    except StorageError:
        raise
    except Exception as error:  # whatever a backend raises
        raise _refused(error) from error


def _keyring() -> KeyringBackend:
    import keyring

    found = keyring.get_keyring()
    if float(getattr(found, "priority", 0)) < _SUITABLE:
        raise StorageError("There is no keyring on this system that keeps secrets.", _REMEDY)
    return found


def _refused(error: Exception) -> StorageError:
    return StorageError(f"The system's keyring refused ({type(error).__name__}).", _REMEDY)
