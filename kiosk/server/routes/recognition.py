"""Who is it, is it who they claim to be, how do they seem, and where is the face."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from kiosk.core.events import VisitDecision
from kiosk.runtime.service_tools import ServiceTools
from kiosk.server import work
from kiosk.server.answers import Identifies, TheService, receive_json, with_media, with_models
from kiosk.server.refusals import Invalid
from kiosk.server.routes.documents import JOB, MEDIA, SMALL, form, json_body, problems, text
from kiosk.server.schemas import (
    AnalyseAnswer,
    FacesAnswer,
    IdentifyAnswer,
    TextBody,
    VerifyAnswer,
)
from kiosk.server.service import Service
from kiosk.server.uploads import Form
from kiosk.server.worker import Task, Work

router = APIRouter(tags=["recognition"])
SHORTEST_STEP, LONGEST_STEP = 0.5, 60.0


@router.post(
    "/identify",
    response_model=IdentifyAnswer,
    responses={**JOB, **problems(*MEDIA)},
    openapi_extra=form(),
    summary="Who is in these files",
)
async def identify(request: Request, service: TheService, caller: Identifies) -> Response:
    """A clip, a picture, a sound, or several of one person, taken as one visit: the decision of
    face and voice together and of each alone, whether a living person was there, and estimates. The
    decision is kept as every other's; the files are not."""

    def prepare(sent: Form) -> Work[ServiceTools, Any]:
        files = sent.require_files()
        return lambda tools, task: _decide(
            service, work.identify(tools, task, files, service.media_limits)
        )

    return await with_media(request, caller, "identify", prepare)


@router.post(
    "/verify",
    response_model=VerifyAnswer,
    responses={**JOB, **problems(*MEDIA, 404)},
    openapi_extra=form(
        (),
        subject_id=text("Who they claim to be, by id ...", pattern="^[0-9]{1,15}$"),
        name=text("... or by name."),
    ),
    summary="Whether it is who they claim to be",
)
async def verify(request: Request, service: TheService, caller: Identifies) -> Response:
    """Compares with the one subject claimed and with nobody else, by the same rule. Nothing of it
    is kept."""

    def prepare(sent: Form) -> Work[ServiceTools, Any]:
        files, claimed = sent.require_files(), _claimed(sent)

        def verified(tools: ServiceTools, task: Task[Any]) -> Any:
            subject_id = _subject_id(tools, claimed)
            answer, _decision = work.verify(tools, task, files, service.media_limits, subject_id)
            return answer

        return verified

    return await with_media(request, caller, "verify", prepare)


@router.post(
    "/analyse",
    response_model=AnalyseAnswer,
    responses={**JOB, **problems(*MEDIA, 409)},
    openapi_extra=form(
        (),
        text=text("Words said or written, taken together with the whole of every file."),
        step=text("Seconds of a step of the timeline, 0.5 to 60."),
    ),
    summary="Emotion, age and gender along recordings",
)
async def analyse(request: Request, service: TheService, caller: Identifies) -> Response:
    """From face, voice and text, without asking who it is. Nothing is kept."""

    def prepare(sent: Form) -> Work[ServiceTools, Any]:
        files, step = sent.require_files(), _step(sent)
        words = sent.text("text", "") or None
        return lambda tools, task: work.analyse(
            tools, task, files, service.media_limits, words, step
        )

    return await with_media(request, caller, "analyse", prepare)


@router.post(
    "/text",
    response_model=AnalyseAnswer,
    responses=problems(*SMALL, 409),
    openapi_extra=json_body(TextBody, {"text": "나는 지금 너무 슬퍼"}),
    summary="The emotion of a sentence",
)
async def read_text(request: Request, caller: Identifies) -> Response:
    """Korean or English."""
    body = await receive_json(request, TextBody)
    return await with_models(request, caller, lambda tools, _task: work.read_text(tools, body.text))


@router.post(
    "/faces",
    response_model=FacesAnswer,
    responses={**JOB, **problems(*MEDIA)},
    openapi_extra=form(
        (), crops={"type": "string", "enum": ["true", "false"], "description": "Cut faces out too."}
    ),
    summary="Face preprocessing alone",
)
async def faces(request: Request, service: TheService, caller: Identifies) -> Response:
    """Four looks a second: where the face is, its outcome 0-6 and what would help, and the aligned
    face of 224 pixels as PNG. Nobody is compared with anybody and nothing is kept."""

    def prepare(sent: Form) -> Work[ServiceTools, Any]:
        files = sent.require_files()
        crops = sent.flag("crops") if "crops" in sent.fields else True
        return lambda tools, task: work.faces(tools, task, files, service.media_limits, crops=crops)

    return await with_media(request, caller, "faces", prepare)


def _decide(service: Service, decided: tuple[work.Json, VisitDecision]) -> work.Json:
    answer, decision = decided
    service.counters.decided(decision.decision.outcome)
    return answer


def _claimed(sent: Form) -> int | str:
    """The id, or the name. Raises Invalid."""
    name, number = sent.text("name", ""), sent.text("subject_id", "").strip()
    if bool(name) == bool(number):
        raise Invalid("The field subject_id is missing.", "Send subject_id or name, one of them.")
    if name:
        return name
    if not number.isdecimal() or len(number) > 15:
        raise Invalid(f"The field subject_id is {number[:20]!r}.", "Send a whole number.")
    return int(number)


def _subject_id(tools: ServiceTools, claimed: int | str) -> int:
    if isinstance(claimed, int):
        return claimed
    with work.unknown():
        return tools.gallery.subject(claimed).subject_id


def _step(sent: Form) -> float:
    value = sent.text("step", "2")
    try:
        step = float(value)
    except ValueError:
        step = 0.0
    if not SHORTEST_STEP <= step <= LONGEST_STEP:
        raise Invalid(f"The field step is {value[:20]!r}.", "Send a number from 0.5 to 60.")
    return step
