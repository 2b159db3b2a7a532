"""From a request to work and back: who asks, what they sent, and what they are answered."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request, Security
from fastapi.responses import JSONResponse, Response
from fastapi.security import HTTPBearer
from pydantic import BaseModel, ValidationError

from kiosk.runtime.service_tools import ServiceTools
from kiosk.server.access import Role
from kiosk.server.jobs import Job
from kiosk.server.problems import MEDIA_TYPE, encoded, headers_of, problem_of, status_of
from kiosk.server.refusals import BadRequest, Invalid, WrongType
from kiosk.server.service import Caller, ClientGone, Service, watched
from kiosk.server.uploads import (
    Form,
    UploadLimits,
    check_stated_length,
    delete,
    receive_body,
    receive_form,
)
from kiosk.server.words import preferred
from kiosk.server.worker import Task, Work

M = TypeVar("M", bound=BaseModel)
SMALL = UploadLimits(1_000_000)
"""Bodies that hold no media."""
NOBODY_THERE = 499
"""What is counted for a client that left; nobody reads it."""
LONGEST_WAIT = 3600.0

_bearer = HTTPBearer(auto_error=False, description="A token of `kiosk serve token add`.")


def service_of(request: Request) -> Service:
    """The service behind the application."""
    found = request.app.state.service
    assert isinstance(found, Service)
    return found


def language_of(request: Request) -> str:
    """What the client reads."""
    return preferred(request.headers.get("accept-language", ""))


def _caller(request: Request, needed: Role) -> Caller:
    address = request.client.host if request.client else ""
    caller = service_of(request).caller(request.headers.get("authorization"), address)
    caller.require(needed)
    return caller


def may_identify(request: Request, _token: Annotated[Any, Security(_bearer)]) -> Caller:
    """Anybody with a token."""
    return _caller(request, Role.IDENTIFY)


def may_enrol(request: Request, _token: Annotated[Any, Security(_bearer)]) -> Caller:
    """Who may see and change who is enrolled."""
    return _caller(request, Role.ENROL)


def may_all(request: Request, _token: Annotated[Any, Security(_bearer)]) -> Caller:
    """Who may also delete, and see every decision."""
    return _caller(request, Role.ADMIN)


TheService = Annotated[Service, Depends(service_of)]
Identifies = Annotated[Caller, Depends(may_identify)]
Enrols = Annotated[Caller, Depends(may_enrol)]
Administers = Annotated[Caller, Depends(may_all)]


def problem_answer(request: Request, error: BaseException) -> Response:
    """The problem document of an error."""
    body = encoded(problem_of(error, language_of(request)))
    headers = {**headers_of(error), "Content-Language": language_of(request)}
    return Response(body, status_of(error), headers, MEDIA_TYPE)


async def gone(request: Request) -> None:
    """Returns when the client has left; after its body has been read."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def receive_json(request: Request, model: type[M]) -> M:
    """A JSON body of this form. Raises WrongType, TooLarge, BadRequest, Invalid."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise WrongType(
            f"A body of the kind {kind[:80] or 'unnamed kind'} is not read here.",
            "Send application/json.",
        )
    check_stated_length(request.headers, SMALL)
    content = await receive_body(request, SMALL)
    try:
        return model.model_validate(json.loads(content, parse_constant=_no_constant), strict=True)
    except ValidationError as error:
        raise _invalid(error) from error
    except (ValueError, RecursionError) as error:
        raise BadRequest("The body is not JSON.", "Send JSON in UTF-8.") from error


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _invalid(error: ValidationError) -> Invalid:
    """What is wrong with the first field; never its value, which may be anything."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    field = ".".join(str(part) for part in first["loc"]) or "body"
    if first["type"] == "missing":
        return Invalid(f"The field {field} is missing.", "See /v1/openapi.json.")
    return Invalid(f"The field {field} is not as it must be.", f"{first['msg']}.")


async def with_media(
    request: Request,
    caller: Caller,
    what: str,
    prepare: Callable[[Form], Work[ServiceTools, Any]],
    status: int = 200,
) -> Response:
    """Take the files in, have the work done, answer; the files are gone afterwards whatever
    happens. With `Prefer: respond-async` the work becomes a job and its files go with it."""
    service = service_of(request)
    wait = asynchronous(request.headers.get("prefer", ""))
    if wait is not None:
        service.jobs.require_place()
    folder = service.uploads.new()
    kept = False
    try:
        with service.receiving():
            form = await receive_form(request, folder, service.upload_limits)
        task: Task[Any] = service.recognise(prepare(form), caller)
        if wait is not None:
            kept = True
            task.future.add_done_callback(lambda _future: delete(folder))
            return await _job_answer(request, service.jobs.add(task, caller.key, what), wait)
        result = await service.wait_for(task, lambda: gone(request))
        return JSONResponse(result, status, _location(result, status))
    except ClientGone:
        return Response(status_code=NOBODY_THERE)
    finally:
        if not kept:
            delete(folder)


async def with_models(
    request: Request, caller: Caller, work: Work[ServiceTools, Any], status: int = 200
) -> Response:
    """Have work done that needs no files. Whoever leaves meanwhile frees their place at once."""
    service = service_of(request)
    try:
        task: Task[Any] = service.recognise(work, caller)
        result = await service.wait_for(task, lambda: gone(request))
    except ClientGone:
        return Response(status_code=NOBODY_THERE)
    return JSONResponse(result, status)


def _location(result: Any, status: int) -> dict[str, str] | None:
    if status != 201:
        return None
    return {"Location": f"/v1/subjects/{result['subject_id']}"}


# --- jobs ----------------------------------------------------------------------------------


def asynchronous(prefer: str) -> float | None:
    """Seconds to wait before the answer is a job (RFC 7240), None where the client wants the
    result itself."""
    if not re.search(r"(^|,)\s*respond-async\s*(,|;|$)", prefer, re.IGNORECASE):
        return None
    found = re.search(r"(^|,)\s*wait\s*=\s*(\d{1,6})\s*(,|;|$)", prefer, re.IGNORECASE)
    return min(LONGEST_WAIT, float(found[2])) if found else 0.0


async def _job_answer(request: Request, job: Job, wait: float) -> Response:
    if wait:
        await asyncio.wait({watched(job.task.future)}, timeout=wait)
    told = job_as_dict(job, language_of(request))
    done = job.state in ("done", "failed")
    headers = {"Location": f"/v1/jobs/{job.job_id}", "Preference-Applied": "respond-async"}
    return JSONResponse(told, 200 if done else 202, headers)


def job_as_dict(job: Job, language: str) -> dict[str, Any]:
    """Where it stands, and what came out."""
    error = job.error
    return {
        "job_id": job.job_id,
        "what": job.what,
        "state": job.state,
        "progress": 1.0 if job.state == "done" else min(1.0, max(0.0, job.task.progress)),
        "result": job.result,
        "problem": problem_of(error, language) if error is not None else None,
    }
