"""Everything that is kept of one person, for that person to read (GDPR Articles 15 and 20, PIPA
Article 35)."""

from __future__ import annotations

import base64
from datetime import date, datetime
from typing import Any

from kiosk.core.attendance import AttendanceCorrection
from kiosk.core.greetings import Greeting
from kiosk.core.ports.audit import Act
from kiosk.core.records import Consent, DecisionRecord
from kiosk.core.subjects import EnrolmentRecord, Template
from kiosk.storage import SqlGallery

FORM = "kiosk person 1"


def disclose(gallery: SqlGallery, name: str) -> dict[str, Any]:
    """All of it as plain values; that it was given is recorded. Raises InputError."""
    subject = gallery.subject(name)
    number = subject.subject_id
    summary = next(each for each in gallery.summaries() if each.subject.subject_id == number)
    picture = gallery.pictures([number]).get(number)
    found = {
        "form": FORM,
        "name": subject.name,
        "number": number,
        "note": subject.note,
        "enrolled": subject.created.isoformat(),
        "origin": summary.origin.value,
        "consents": [_consent(each) for each in gallery.consents(subject.name)],
        "kept_because": gallery.ground(number),
        "enrolments": [_enrolment(each) for each in gallery.history(subject.name)],
        "templates": [_template(each) for each in gallery.templates(number)],
        "picture_jpeg_base64": base64.b64encode(picture).decode() if picture else None,
        "greeting": _greeting(gallery.greeting_of(number)),
        "attendance_corrections": [
            _correction(each)
            for each in gallery.attendance_corrections(date.min, date.max)
            if each.subject_id == number
        ],
        "visits": [_visit(each) for each in gallery.decisions(1_000_000, subject_id=number)],
    }
    gallery.note(Act.DISCLOSED, subject=number)
    return found


def as_page(found: dict[str, Any]) -> str:
    """The same to be read on paper; templates are counted, since nobody can read them."""
    lines = [
        f"{found['name']} (number {found['number']})",
        f"Enrolled on {found['enrolled'][:10]}, {found['origin']}. {found['note']}".rstrip(),
        f"Templates: {len(found['templates'])}. "
        f"Picture: {'one' if found['picture_jpeg_base64'] else 'none'}.",
        "",
        "Consents and grounds",
        *(
            f"  {each['time'][:16]}  text {each['version']}"
            + (f", taken back {each['withdrawn'][:16]}" if each["withdrawn"] else "")
            for each in found["consents"]
        ),
        *([f"  Kept because: {found['kept_because']}"] if found["kept_because"] else []),
        "",
        "Enrolments",
        *(
            f"  {each['time'][:16]}  {each['kind']}: {each['face']} face, {each['voice']} voice"
            for each in found["enrolments"]
        ),
        "",
        *([f"Greeting: {found['greeting']['text']}"] if found["greeting"] else []),
        *(
            f"Attendance of {each['day']} corrected by {each['by']}: {each['reason']}"
            for each in found["attendance_corrections"]
        ),
        "",
        "Visits on which you were the likeliest",
        *(
            f"  {each['time'][:16]}  {each['outcome']}, probability {each['probability']:.3f}"
            for each in found["visits"]
        ),
    ]
    return "\n".join(lines) + "\n"


def _consent(each: Consent) -> dict[str, Any]:
    return {
        "time": each.time.isoformat(),
        "version": each.version,
        "language": each.language,
        "text": each.text,
        "witness": each.witness,
        "withdrawn": _moment(each.withdrawn),
    }


def _enrolment(each: EnrolmentRecord) -> dict[str, Any]:
    return {
        "time": each.time.isoformat(),
        "kind": each.kind.value,
        "face": each.face_templates,
        "voice": each.voice_templates,
        "in_force": each.active,
    }


def _template(each: Template) -> dict[str, Any]:
    return {
        "modality": each.modality.value,
        "model": each.model_id,
        "quality": round(each.quality, 4),
        "created": _moment(each.created),
        "numbers": [round(float(value), 6) for value in each.vector],
    }


def _visit(each: DecisionRecord) -> dict[str, Any]:
    return {
        "time": each.time.isoformat(),
        "outcome": each.outcome.value,
        "probability": each.probability,
        "face_score": each.face_score,
        "voice_score": each.voice_score,
        "corrected": each.correction is not None,
        "liveness": each.liveness.value,
    }


def _greeting(line: Greeting | None) -> dict[str, Any] | None:
    if line is None:
        return None
    until = line.until.isoformat() if line.until else None
    return {"text": line.text, "once": line.once, "until": until}


def _correction(each: AttendanceCorrection) -> dict[str, Any]:
    return {
        "day": each.day.isoformat(),
        "first": _moment(each.first),
        "last": _moment(each.last),
        "reason": each.reason,
        "by": each.by,
        "time": each.made.isoformat(),
    }


def _moment(time: datetime | None) -> str | None:
    return time.isoformat() if time else None
