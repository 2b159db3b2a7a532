"""What every gallery refuses, in the same words: errors to be raised."""

from __future__ import annotations

from collections.abc import Iterable

from kiosk.core.errors import InputError
from kiosk.core.names import nearest_names


def unknown_name(name: str, known: Iterable[str]) -> InputError:
    """Nobody is called that; those called nearly so are named."""
    near = nearest_names(name, known)
    meant = f"Did you mean {' or '.join(near)}? " if near else ""
    return InputError(
        "Nobody of that name is enrolled.", f"{meant}`kiosk gallery list` shows everyone."
    )


def name_taken() -> InputError:
    """Somebody else is called that."""
    return InputError(
        "Somebody of that name is enrolled already.",
        "Choose another name, or use `kiosk re-enrol` for the same person.",
    )


def subject_gone() -> InputError:
    """An id whose subject has been removed."""
    return InputError("That subject is not enrolled any more.", "Identify once more.")


def same_subject_twice() -> InputError:
    """One subject given as two."""
    return InputError("That is the same subject twice.", "Choose two people.")


def nothing_to_roll_back() -> InputError:
    """Only the first enrolment is left."""
    return InputError(
        "There is no re-enrolment to roll back.",
        "`kiosk gallery remove` deletes the subject with its first enrolment.",
    )


def no_consent_in_force() -> InputError:
    """There is none, or it was taken back."""
    return InputError("There is no consent in force.", "Load the list again.")


def decision_gone() -> InputError:
    """A decision that was purged, or never kept."""
    return InputError("That decision is not kept any more.", "Load the list again.")


def nothing_to_learn() -> InputError:
    """A decision that named nobody, was called wrong, taught already or is not kept."""
    return InputError("Nothing can be learnt from that decision.", "Identify once more.")
