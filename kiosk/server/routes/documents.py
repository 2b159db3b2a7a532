"""What OpenAPI tells of bodies and problems, where FastAPI cannot know it by itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from kiosk.server.problems import MEDIA_TYPE
from kiosk.server.schemas import Problem

Json = dict[str, Any]

_PROBLEMS: Mapping[int, str] = {
    400: "The request is not well formed, or broke off.",
    401: "There is no token where one is needed, or it is unknown, expired or revoked.",
    403: "The role of the token does not allow it, or a page of another site asked.",
    404: "There is nothing of that id.",
    405: "Another method is needed.",
    408: "The body was not there in time.",
    409: "Somebody like that is enrolled, there is nothing to undo, or the settings forbid it.",
    413: "The body, the recording or the work on it is larger than the operator allows.",
    415: "The kind of body is not read here.",
    421: "The request is for another host.",
    422: "The files or fields cannot be used, or do not suffice.",
    426: "The client speaks another version of the interface.",
    429: "Too many requests wait, or came from this client; Retry-After says when to try again.",
    503: "Models or gallery cannot be used just now.",
    507: "The disk is full.",
}
ALWAYS = (401, 403, 421, 422, 426, 429, 503)
MEDIA = (*ALWAYS, 400, 408, 413, 415, 507)
SMALL = (*ALWAYS, 400, 408, 413, 415)


def _example(status: int) -> Json:
    code = {404: "UnknownSubject", 409: "NameTaken", 429: "Busy"}.get(status, "InputError")
    return {
        "type": f"urn:kiosk:problem:{code}",
        "title": "The input cannot be used.",
        "status": status,
        "detail": "visit.mp4 is empty (0 bytes).",
        "remedy": "Record or copy it again.",
        "code": code,
        "exit_code": 3,
    }


def problems(*statuses: int) -> dict[int | str, Json]:
    """Of OpenAPI's `responses`: what may go wrong."""
    return {
        status: {
            "description": _PROBLEMS[status],
            "model": Problem,
            "content": {MEDIA_TYPE: {"example": _example(status)}},
        }
        for status in sorted(statuses)
    }


FILES: Json = {
    "type": "array",
    "minItems": 1,
    "maxItems": 20,
    "items": {"type": "string", "format": "binary"},
    "description": "Recordings, pictures or sound of one person.",
}


def form(required: tuple[str, ...] = (), **fields: Json) -> Json:
    """Of OpenAPI's `requestBody`: a form with files; without other fields that are required also
    one file as the body itself."""
    schema: Json = {
        "type": "object",
        "properties": {"file": FILES, **fields},
        "required": ["file", *required],
    }
    content: Json = {"multipart/form-data": {"schema": schema}}
    if not required:
        bare = {"schema": {"type": "string", "format": "binary"}}
        content |= {"video/mp4": bare, "audio/wav": bare, "image/jpeg": bare}
    return {"requestBody": {"required": True, "content": content}}


def json_body(model: type[BaseModel], example: Json) -> Json:
    """Of OpenAPI's `requestBody`: a JSON object."""
    content = {"application/json": {"schema": model.model_json_schema(), "example": example}}
    return {"requestBody": {"required": True, "content": content}}


def text(description: str, **more: Any) -> Json:
    """A field of text."""
    return {"type": "string", "description": description, **more}


def flag(description: str) -> Json:
    """A field that is true or false."""
    return {"type": "string", "enum": ["true", "false"], "description": description}


JOB: dict[int | str, Json] = {
    202: {
        "description": "With `Prefer: respond-async`: the work is a job now; Location says where.",
        "content": {
            "application/json": {"schema": {"$ref": "#/components/schemas/JobState"}},
        },
    }
}
