"""What was decided: a list, and every new decision as it is made."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query

from kiosk.core.records import DecisionRecord
from kiosk.server.answers import Administers, TheService
from kiosk.server.refusals import Invalid
from kiosk.server.routes.documents import ALWAYS, problems
from kiosk.server.schemas import DecisionPage

router = APIRouter(tags=["decisions"])
Number = Annotated[int | None, Query(ge=1, le=2**53)]


@router.get(
    "/decisions",
    response_model=DecisionPage,
    responses=problems(*ALWAYS),
    summary="What was decided",
)
async def decisions(
    service: TheService,
    caller: Administers,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    before: Number = None,
    subject_id: Number = None,
    since: Annotated[datetime | None, Query(description="ISO 8601, with time zone.")] = None,
) -> Any:
    """By whichever kiosk on this gallery: service, screen or command. Newest first; `before` is the
    `next` of the page before."""
    moment = in_utc(since)
    found = await service.read(
        lambda gallery: gallery.decisions(limit + 1, moment, subject_id, before)
    )
    page = found[:limit]
    following = page[-1].decision_id if len(found) > limit else None
    return {"decisions": [decision_line(each) for each in page], "next": following}


def decision_line(record: DecisionRecord) -> dict[str, Any]:
    """One decision as it is told."""
    correction = record.correction
    return {
        "decision_id": record.decision_id,
        "time": record.time.isoformat(),
        "outcome": record.outcome.value,
        "subject_id": record.subject_id,
        "name": record.name,
        "probability": record.probability,
        "fused_llr": record.fused_llr,
        "face_score": record.face_score,
        "face_llr": record.face_llr,
        "voice_score": record.voice_score,
        "voice_llr": record.voice_llr,
        "conflict": record.conflict,
        "reason": record.reason,
        "with_face": record.with_face,
        "with_voice": record.with_voice,
        "corrected_by": correction.by.value if correction is not None else None,
        "corrected_to": correction.subject_id if correction is not None else None,
    }


def in_utc(moment: datetime | None) -> datetime | None:
    """With a time zone; one that names none is meant in UTC. Raises Invalid."""
    if moment is None:
        return None
    try:
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except OverflowError as error:
        raise Invalid("The field since is out of range.", "Send a moment of our time.") from error
