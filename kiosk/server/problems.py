"""Errors as problem documents (RFC 9457): status, the command line's text and remedy, a code."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import Any

from kiosk.core.errors import (
    BugError,
    CaptureError,
    DiskFull,
    EnrolmentRefused,
    InputError,
    Interrupted,
    KnownError,
    ModelError,
    NotReady,
    PackageMissing,
    SettingsError,
    StorageError,
)
from kiosk.core.korean_errors import translated
from kiosk.core.redaction import code_of, log_failure
from kiosk.enrolment.enroller import DuplicateSuspected
from kiosk.server.refusals import NameTaken, NothingToUndo, RequestRefused, UnknownSubject
from kiosk.server.words import title

_log = logging.getLogger(__name__)
MEDIA_TYPE = "application/problem+json"
RETRY_STORAGE = 5
"""Seconds after which a gallery that another process holds is worth another try."""
_STATUS: tuple[tuple[type[KnownError], int], ...] = (
    (UnknownSubject, 404),
    (NameTaken, 409),
    (NothingToUndo, 409),
    (DuplicateSuspected, 409),
    (EnrolmentRefused, 422),
    (DiskFull, 507),
    (StorageError, 503),
    (ModelError, 503),
    (PackageMissing, 503),
    (NotReady, 503),
    (Interrupted, 503),
    (SettingsError, 409),
    (CaptureError, 422),
    (InputError, 422),
)


def status_of(error: BaseException) -> int:
    """The status an error is answered with; 500 for ours."""
    if isinstance(error, RequestRefused):
        return error.status
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 500)


def headers_of(error: BaseException) -> dict[str, str]:
    """The headers of its answer."""
    if isinstance(error, RequestRefused):
        return error.headers
    if status_of(error) == 503:
        return {"Retry-After": str(RETRY_STORAGE)}
    return {}


def problem_of(error: BaseException, language: str) -> dict[str, Any]:
    """The document of an error. One of ours says no more than its class and is logged."""
    if not isinstance(error, KnownError):
        log_failure(_log, "A request ended by %s.", error)
        error = _Internal(error)
    code = code_of(error) if not isinstance(error, _Internal) else "BugError"
    found: dict[str, Any] = {
        "type": f"urn:kiosk:problem:{code}",
        "title": title(code, language),
        "status": status_of(error),
        "detail": error.text,
        "remedy": error.remedy,
        "code": code,
        "exit_code": error.exit_code,
    }
    if language == "ko":
        found |= _in_korean(found)
    return found | _members(error)


class _Internal(KnownError):
    """An error that is no fault of whoever asked; its own text may hold data."""

    exit_code = BugError.exit_code

    def __init__(self, error: BaseException) -> None:
        super().__init__(f"Internal error ({code_of(error)}).", "Please report it.")


def _in_korean(found: Mapping[str, Any]) -> dict[str, Any]:
    """Text and remedy in Korean where they are translated; what is not stays in English."""
    detail, remedy = translated(found["detail"]), translated(found["remedy"])
    told: dict[str, Any] = {"detail_en": found["detail"], "remedy_en": found["remedy"]}
    told["detail"] = found["title"] if detail is None else detail
    told["remedy"] = found["remedy"] if remedy is None else remedy
    return told


def _members(error: KnownError) -> dict[str, Any]:
    """What a program can go by, beside the words."""
    if isinstance(error, DuplicateSuspected):
        like = [
            {
                "subject_id": each.candidate.subject_id,
                "name": each.candidate.name,
                "modality": each.modality.value,
                "fused_llr": round(each.candidate.fused_llr, 4),
            }
            for each in error.duplicates
        ]
        return {"duplicates": like}
    if isinstance(error, RequestRefused) and "Retry-After" in error.headers:
        return {"retry_after": int(error.headers["Retry-After"])}
    return {}


def encoded(document: Mapping[str, Any]) -> bytes:
    """As it is sent."""
    return json.dumps(document, ensure_ascii=False).encode()
