"""Where the ancestors' clients ask. Not part of `/v1`, and there only where it is switched on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from kiosk.core.estimates import Channel
from kiosk.core.ports.audit import Act
from kiosk.runtime.service_tools import ServiceTools
from kiosk.server import ancestors
from kiosk.server.answers import SMALL, Enrols, TheService, with_models
from kiosk.server.refusals import Invalid, PathRefused
from kiosk.server.service import Caller, Service
from kiosk.server.uploads import Form, receive_fields
from kiosk.server.worker import Work

router = APIRouter(include_in_schema=False)
R = TypeVar("R")
ESTIMATES = ("/Voice_Request", "/Multimodal_Request", "/Text_Request", "/")
"""One handler: which of the three servers is meant, the fields say."""


def folder_of(service: Service) -> ancestors.AncestorFolder:
    """The folder of this service. There is one where these routes are."""
    assert service.ancestor_folder is not None
    return service.ancestor_folder


@router.post("/Identification_Request")
async def identification(request: Request, service: TheService, caller: Enrols) -> Response:
    """Fields `name`, `path_dir`, `re_register`, optional `test` and `test_list`; or `file_path`,
    `identify`, `re_register`."""
    form, folder = await receive_fields(request, SMALL), folder_of(service)
    limits = service.media_limits
    if ancestors.flag(form, "test"):
        asked = await _inside(service, caller, lambda: ancestors.asked_to_test(form, folder))
        return await with_models(
            request, caller, lambda tools, task: ancestors.tested(tools, task, limits, asked)
        )
    one = await _inside(service, caller, lambda: ancestors.asked(form, folder))
    return await with_models(
        request, caller, lambda tools, task: ancestors.identification(tools, task, limits, one)
    )


async def estimates(request: Request, service: TheService, caller: Enrols) -> Response:
    """`path_dir` and `wav_name`; `path_dir`, `video_name` and `text`; or `text` alone."""
    form, folder = await receive_fields(request, SMALL), folder_of(service)
    name = form.text("wav_name", "") or form.text("video_name", "") or form.text("name", "")
    where = form.text("path_dir", "")
    file = await _inside(service, caller, lambda: folder.find(where, name)) if name else None
    if name and file is None:
        return JSONResponse(dict.fromkeys(("10001", "20000", "30001"), ancestors.NOT_FOUND))
    return await with_models(request, caller, _estimated(service, form, file))


for _path in ESTIMATES:
    router.add_api_route(_path, estimates, methods=["POST"])


async def _inside(service: Service, caller: Caller, look: Callable[[], R]) -> R:
    """What `look` finds in the folder; a path that leads out of it goes on record. Raises
    PathRefused."""
    try:
        return look()
    except PathRefused:
        await service.read(lambda gallery: gallery.note(Act.PATH_REFUSED), caller)
        raise


def _estimated(service: Service, form: Form, file: Any) -> Work[ServiceTools, Any]:
    text = form.text("text", "") or None
    if file is None and text is None:
        raise Invalid("The field wav_name is missing.", "Send wav_name, video_name or text.")
    channel = Channel.FUSED
    if file is None:
        channel = Channel.TEXT
    elif form.text("wav_name", "") and text is None:
        channel = Channel.VOICE
    return lambda tools, task: ancestors.estimates(
        tools, task, service.media_limits, file, text, channel
    )
