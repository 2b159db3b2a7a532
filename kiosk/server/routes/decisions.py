"""What was decided: a list, and every new decision as it is made."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request, Response
from pydantic import BeforeValidator
from sse_starlette import EventSourceResponse

from kiosk.server.answers import Administers, TheService
from kiosk.server.decision_feed import DecisionFeed, as_event
from kiosk.server.records import decision_line
from kiosk.server.refusals import Invalid
from kiosk.server.routes.documents import ALWAYS, problems
from kiosk.server.schemas import DecisionPage

router = APIRouter(tags=["decisions"])
Number = Annotated[int | None, Query(ge=1, le=2**53)]


def _written_out(value: object) -> object:
    """Refuses a bare number, which would be read as seconds since 1970 and is promised nowhere."""
    try:
        float(str(value))
    except ValueError:
        return value
    raise ValueError("not a date and time of ISO 8601")


Moment = Annotated[
    datetime | None,
    BeforeValidator(_written_out),
    Query(description="ISO 8601, with time zone."),
]


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
    since: Moment = None,
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


@router.get(
    "/events",
    response_class=Response,
    responses={
        200: {
            "description": "Server-sent events called `decision`; `data` is one line of "
            "/v1/decisions, `id` its decision_id.",
            "content": {"text/event-stream": {"schema": {"type": "string"}}},
        },
        **problems(*ALWAYS),
    },
    summary="Every decision as it is made",
)
async def events(
    request: Request,
    caller: Administers,
    last_event_id: Annotated[str | None, Header(max_length=20, pattern="^[0-9]*$")] = None,
) -> Response:
    """Of every kiosk on this gallery, whichever process made it. With `Last-Event-ID` those missed
    meanwhile come first."""
    feed = request.app.state.feed
    assert isinstance(feed, DecisionFeed)
    feed.require_place()
    after = int(last_event_id) if last_event_id else None

    async def told() -> AsyncIterator[dict[str, str]]:
        async for record in feed.listen(after):
            yield as_event(record)

    return EventSourceResponse(told(), ping=15)


def in_utc(moment: datetime | None) -> datetime | None:
    """With a time zone; one that names none is meant in UTC. Raises Invalid."""
    if moment is None:
        return None
    try:
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except OverflowError as error:
        raise Invalid("The field since is out of range.", "Send a moment of our time.") from error
