"""How the service is: health, models, numbers for Prometheus, jobs."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response

from kiosk import __version__
from kiosk.core.redaction import code_of
from kiosk.runtime.health import LocalHealthService
from kiosk.server.answers import Identifies, TheService, job_as_dict, language_of
from kiosk.server.guard import API_VERSION
from kiosk.server.routes.documents import ALWAYS, problems
from kiosk.server.schemas import Health, JobState, Models
from kiosk.server.words import title

router = APIRouter(tags=["system"])
JobId = Annotated[str, Path(max_length=64, description="From the answer that made the job.")]


@router.get(
    "/health",
    response_model=Health,
    responses=problems(421, 429),
    summary="Whether the service can answer",
)
async def health(request: Request, service: TheService) -> Any:
    """Needs no token and says nothing of anybody: `ready`, `loading`, or `failed` with the class of
    the error; the log has the rest."""
    failure = service.recogniser.failure
    status = "ready" if service.recogniser.ready else "failed" if failure else "loading"
    code = code_of(failure) if failure is not None and status == "failed" else None
    return {
        "status": status,
        "version": __version__,
        "api": API_VERSION,
        "code": code,
        "title": title(code, language_of(request)) if code is not None else None,
    }


@router.get(
    "/models",
    response_model=Models,
    responses=problems(*ALWAYS),
    summary="Every model of the manifest",
)
async def models(service: TheService, caller: Identifies) -> Any:
    """Those in use first; licence, state, and what to do where one is missing."""
    local = LocalHealthService(service.settings, service.steps)
    found = await service.read(lambda _gallery: local.models())
    return {
        "models": [
            {
                "name": each.name,
                "role": each.role,
                "modality": each.modality.value if each.modality is not None else None,
                "state": each.state,
                "in_use": each.in_use,
                "bytes": each.bytes,
                "licence": each.licence,
                "about": each.about,
                "remedy": each.remedy,
            }
            for each in found
        ]
    }


@router.get(
    "/jobs/{job_id}",
    response_model=JobState,
    responses=problems(*ALWAYS, 404),
    summary="Where long work stands",
)
async def job(request: Request, service: TheService, caller: Identifies, job_id: JobId) -> Any:
    """For whoever asked for it; results are kept for ten minutes."""
    return job_as_dict(service.jobs.find(job_id, caller.key), language_of(request))


@router.delete(
    "/jobs/{job_id}",
    status_code=204,
    responses=problems(*ALWAYS, 404),
    summary="Stop long work, or forget its result",
)
async def drop_job(service: TheService, caller: Identifies, job_id: JobId) -> Response:
    """What has been stored by then stays."""
    service.jobs.drop(service.jobs.find(job_id, caller.key))
    return Response(status_code=204)


metrics_router = APIRouter(tags=["system"])


@metrics_router.get(
    "/metrics",
    response_class=Response,
    responses={
        200: {"description": "Text.", "content": {"text/plain": {"schema": {"type": "string"}}}},
        **problems(*ALWAYS),
    },
    summary="Numbers for Prometheus",
)
async def metrics(service: TheService, caller: Identifies) -> Response:
    """Requests, times, decisions by outcome; nothing of anybody."""
    return Response(service.counters.text(), media_type="text/plain; version=0.0.4; charset=utf-8")
