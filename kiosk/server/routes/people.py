"""Who is enrolled: list, enrol, renew, undo, rename, delete, consent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Path, Query, Request, Response

from kiosk.core.errors import InputError
from kiosk.core.media import Modality
from kiosk.core.records import Consent, PersonSummary
from kiosk.core.subjects import EnrolmentKind, EnrolmentRecord
from kiosk.runtime.service_tools import ServiceTools
from kiosk.server import work
from kiosk.server.answers import Administers, Enrols, TheService, receive_json, with_media
from kiosk.server.refusals import Invalid, NothingToUndo, UnknownSubject
from kiosk.server.routes.documents import (
    ALWAYS,
    JOB,
    MEDIA,
    SMALL,
    flag,
    form,
    json_body,
    problems,
    text,
)
from kiosk.server.schemas import (
    ConsentBody,
    ConsentRecord,
    EnrolAnswer,
    NameBody,
    Removed,
    Renamed,
    SubjectCard,
    SubjectPage,
)
from kiosk.server.uploads import Form
from kiosk.server.worker import Work
from kiosk.storage import SqlGallery

router = APIRouter(prefix="/subjects", tags=["people"])
SubjectId = Annotated[int, Path(ge=1, le=2**53, description="Of the list of subjects.")]
R = TypeVar("R")
_ONLY = ("", *(each.value for each in Modality))
_CONSENT_FIELDS = {
    "consent_version": text("Which text the person agreed to ..."),
    "consent_language": text("... in which language (with consent_version) ..."),
    "consent_text": text("... what it says (with consent_version) ..."),
    "consent_witness": text("... and who was there."),
    "ground": text("The legal ground where it is not consent, up to 500 characters."),
}
_CONSENT = {"version": "2", "language": "ko", "text": "...", "witness": "Park"}


@router.get(
    "",
    response_model=SubjectPage,
    responses=problems(*ALWAYS),
    summary="Everybody who is enrolled",
)
async def list_subjects(
    service: TheService,
    caller: Enrols,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    offset: Annotated[int, Query(ge=0, le=2**53)] = 0,
) -> Any:
    """By name, with templates in use, when last identified, and the consent on record."""
    everybody = await service.read(lambda gallery: gallery.summaries())
    page = everybody[offset : offset + limit]
    following = offset + limit if offset + limit < len(everybody) else None
    return {
        "subjects": [_line(each) for each in page],
        "total": len(everybody),
        "next": following,
    }


@router.post(
    "",
    status_code=201,
    response_model=EnrolAnswer,
    responses={**JOB, **problems(*MEDIA, 409)},
    openapi_extra=form(
        ("name",),
        name=text("Of the person, unlike every other's."),
        note=text("Your own remark."),
        only=text("Use one modality and ignore the other.", enum=["", "face", "voice"]),
        allow_duplicate=flag("Although somebody enrolled looks alike."),
        **_CONSENT_FIELDS,
    ),
    summary="Enrol somebody new",
)
async def enrol(request: Request, service: TheService, caller: Enrols) -> Response:
    """From one or several files with pictures of the face in several poses and some seconds of
    speech. Refused with the cause where they do not suffice, where the person seems to be enrolled
    already, and where nothing says why they may be: their consent, or another ground. All or
    nothing, consent included."""

    def prepare(sent: Form) -> Work[ServiceTools, Any]:
        files, name, only = sent.require_files(), sent.text("name"), _only(sent)
        note, consent = sent.text("note", ""), _required_consent(sent)
        allow = sent.flag("allow_duplicate")
        return lambda tools, task: work.enrol(
            tools,
            task,
            files,
            service.media_limits,
            name,
            note=note,
            only=only,
            allow_duplicate=allow,
            consent=consent,
        )

    return await with_media(request, caller, "enrol", prepare, 201)


@router.get(
    "/{subject_id}",
    response_model=SubjectCard,
    responses=problems(*ALWAYS, 404),
    summary="One subject",
)
async def show(service: TheService, caller: Enrols, subject_id: SubjectId) -> Any:
    """With its history and every consent."""

    def look(gallery: SqlGallery) -> Any:
        name = _name(gallery, subject_id)
        person = next(each for each in gallery.summaries() if each.subject.subject_id == subject_id)
        return {
            **_line(person),
            "history": [_enrolment(each) for each in gallery.history(name)],
            "consents": _consents(gallery.consents(name)),
        }

    return await service.read(look)


@router.patch(
    "/{subject_id}",
    response_model=Renamed,
    responses=problems(*SMALL, 404, 409),
    openapi_extra=json_body(NameBody, {"name": "김민준"}),
    summary="Give a subject another name",
)
async def rename(
    request: Request, service: TheService, caller: Enrols, subject_id: SubjectId
) -> Any:
    """The id stays."""
    body = await receive_json(request, NameBody)

    def change(gallery: SqlGallery) -> Any:
        old = _name(gallery, subject_id)
        if work.is_other_name(old, body.name):
            work.require_free(gallery, body.name)
        gallery.rename(old, body.name)
        return {"subject_id": subject_id, "name": gallery.subject_name(subject_id)}

    return await service.read(change, caller)


@router.delete(
    "/{subject_id}",
    response_model=Removed,
    responses=problems(*ALWAYS, 404),
    summary="Delete a subject",
)
async def remove(service: TheService, caller: Administers, subject_id: SubjectId) -> Any:
    """With templates, history and decisions. There is no way back."""

    def change(gallery: SqlGallery) -> Any:
        count = gallery.remove(_name(gallery, subject_id))
        return {"subject_id": subject_id, "templates": count}

    return await service.read(change, caller)


@router.post(
    "/{subject_id}/enrolments",
    status_code=201,
    response_model=EnrolAnswer,
    responses={**JOB, **problems(*MEDIA, 404, 409)},
    openapi_extra=form(
        (),
        kind=text("Retire the old templates, or keep them too.", enum=["replace", "add"]),
        only=text("Use one modality and ignore the other.", enum=["", "face", "voice"]),
        force=flag("Although the samples do not resemble the subject."),
        **_CONSENT_FIELDS,
    ),
    summary="Renew the templates of a subject",
)
async def re_enrol(
    request: Request, service: TheService, caller: Enrols, subject_id: SubjectId
) -> Response:
    """Can be rolled back. Refused where the samples resemble somebody else, or not the subject."""

    def prepare(sent: Form) -> Work[ServiceTools, Any]:
        files, only, force = sent.require_files(), _only(sent), sent.flag("force")
        kinds = (EnrolmentKind.REPLACE.value, EnrolmentKind.ADD.value)
        kind = EnrolmentKind(sent.choice("kind", kinds, kinds[0]))
        consent = _consent(sent)
        return lambda tools, task: work.re_enrol(
            tools,
            task,
            files,
            service.media_limits,
            subject_id,
            kind=kind,
            only=only,
            force=force,
            consent=consent,
        )

    return await with_media(request, caller, "re-enrol", prepare, 201)


@router.post(
    "/{subject_id}/rollback",
    response_model=EnrolAnswer,
    responses=problems(*ALWAYS, 404, 409),
    summary="Undo the newest re-enrolment",
)
async def roll_back(service: TheService, caller: Enrols, subject_id: SubjectId) -> Any:
    """What it replaced is in use again."""

    def change(gallery: SqlGallery) -> Any:
        name = _name(gallery, subject_id)
        record = _undone(lambda: gallery.roll_back(name))
        return {
            "subject_id": subject_id,
            "name": name,
            "kind": record.kind.value,
            "face_templates": record.face_templates,
            "face_samples_dropped": 0,
            "voice_templates": record.voice_templates,
            "speech_seconds": 0.0,
        }

    return await service.read(change, caller)


@router.post(
    "/{subject_id}/consents",
    status_code=201,
    response_model=list[ConsentRecord],
    responses=problems(*SMALL, 404),
    openapi_extra=json_body(ConsentBody, _CONSENT),
    summary="Put a consent on record",
)
async def give_consent(
    request: Request, service: TheService, caller: Enrols, subject_id: SubjectId
) -> Any:
    """The whole record comes back, newest first."""
    body = await receive_json(request, ConsentBody)
    given = work.ConsentGiven(body.version, body.language, body.text, body.witness)

    def change(gallery: SqlGallery) -> Any:
        name = _name(gallery, subject_id)
        gallery.give_consent(name, given.record())
        return _consents(gallery.consents(name))

    return await service.read(change, caller)


@router.delete(
    "/{subject_id}/consents",
    response_model=list[ConsentRecord],
    responses=problems(*ALWAYS, 404, 409),
    summary="The subject takes their consent back",
)
async def withdraw_consent(service: TheService, caller: Enrols, subject_id: SubjectId) -> Any:
    """Templates stay until the subject is deleted."""

    def change(gallery: SqlGallery) -> Any:
        name = _name(gallery, subject_id)
        _undone(lambda: gallery.withdraw_consent(name))
        return _consents(gallery.consents(name))

    return await service.read(change, caller)


# --- steps ---------------------------------------------------------------------------------


def _undone(act: Any) -> Any:
    """What `act` gives. Raises NothingToUndo in place of InputError."""
    try:
        return act()
    except InputError as error:
        raise NothingToUndo(error.text, error.remedy) from error


def _name(gallery: SqlGallery, subject_id: int) -> str:
    try:
        return gallery.subject_name(subject_id)
    except InputError as error:
        raise UnknownSubject(
            "Nobody of that id is enrolled.", "GET /v1/subjects lists everyone."
        ) from error


def _only(sent: Form) -> Modality | None:
    value = sent.choice("only", _ONLY, "")
    return Modality(value) if value else None


def _required_consent(sent: Form) -> work.ConsentGiven:
    """Nobody is enrolled without. Raises InputError, Invalid."""
    found = _consent(sent)
    if found is None:
        raise InputError(
            "Nothing says why this person may be enrolled.",
            "Send consent_version, consent_language and consent_text, or ground, one of the two.",
        )
    return found


def _consent(sent: Form) -> work.ConsentGiven | None:
    """All of it, or another ground, or nothing. Raises InputError, Invalid."""
    ground, witness = sent.text("ground", ""), sent.text("consent_witness", "")
    found = [sent.text(f"consent_{part}", "") for part in ("version", "language", "text")]
    if not any(found):
        return work.ConsentGiven.by_ground(ground, witness) if ground else None
    if ground:
        raise Invalid("The field ground is one too many.", "Send consent or ground, not both.")
    if not all(found):
        raise Invalid(
            "The field consent_text is missing.",
            "Send consent_version, consent_language and consent_text together.",
        )
    return work.ConsentGiven(found[0], found[1], found[2], witness)


def _line(person: PersonSummary) -> dict[str, Any]:
    subject = person.subject
    return {
        "subject_id": subject.subject_id,
        "name": subject.name,
        "note": subject.note,
        "created": subject.created.isoformat(),
        "face_templates": person.face_templates,
        "voice_templates": person.voice_templates,
        "origin": person.origin.value,
        "last_seen": person.last_seen.isoformat() if person.last_seen else None,
        "consent": _consents([person.consent])[0] if person.consent else None,
    }


def _consents(records: Sequence[Consent]) -> list[dict[str, Any]]:
    return [
        {
            "time": each.time.isoformat(),
            "version": each.version,
            "language": each.language,
            "text": each.text,
            "witness": each.witness,
            "withdrawn": each.withdrawn.isoformat() if each.withdrawn else None,
        }
        for each in records
    ]


def _enrolment(record: EnrolmentRecord) -> dict[str, Any]:
    return {
        "time": record.time.isoformat(),
        "kind": record.kind.value,
        "face_templates": record.face_templates,
        "voice_templates": record.voice_templates,
        "in_force": record.active,
    }
