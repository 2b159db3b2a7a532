"""The application: routes of `/v1`, problem documents for whatever goes wrong, and the guard."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from kiosk import __version__
from kiosk.core.errors import KnownError
from kiosk.server.answers import problem_answer
from kiosk.server.decision_feed import DecisionFeed
from kiosk.server.guard import Guard
from kiosk.server.refusals import BadRequest, Invalid, NoSuchThing, RequestRefused, WrongMethod
from kiosk.server.routes import ancestors, decisions, page, people, recognition, system
from kiosk.server.schemas import JobState
from kiosk.server.service import Service

ABOUT = """Who somebody probably is, by face and voice. It identifies; it does not authenticate.

Errors are problem documents (RFC 9457) in English or Korean (`Accept-Language`). Work that takes
long becomes a job with `Prefer: respond-async`. A client may say which version of the interface it
speaks: `Kiosk-Client: kiosk/1`."""
_LISTED = "/v1/openapi.json lists what there is."


class _Application(FastAPI):
    """Documents also what FastAPI leaves out."""

    def openapi(self) -> dict[str, Any]:
        """The document, made once."""
        if self.openapi_schema is None:
            found = super().openapi()
            found["components"]["schemas"].setdefault(
                "JobState", JobState.model_json_schema(ref_template="#/components/schemas/{model}")
            )
            _problems_alone(found)
        assert self.openapi_schema is not None
        return self.openapi_schema


def application(service: Service) -> FastAPI:
    """The application around a service; it starts and ends with it."""

    @asynccontextmanager
    async def running(app: FastAPI) -> AsyncIterator[None]:
        service.start()
        try:
            yield
        finally:
            app.state.feed.close()
            service.stop()

    app = _Application(
        title="Kiosk",
        version=__version__,
        description=ABOUT,
        lifespan=running,
        openapi_url="/v1/openapi.json",
        docs_url=None,  # they would load scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.service = service
    app.state.feed = DecisionFeed(service)
    for module in (recognition, people, decisions, system):
        app.include_router(module.router, prefix="/v1")
    app.include_router(system.metrics_router)
    app.include_router(page.router)
    if service.ancestor_folder is not None:
        app.include_router(ancestors.router)
    _answer_errors(app)
    app.add_middleware(Guard, service=service)
    return app


def _answer_errors(app: FastAPI) -> None:
    """Everything that goes wrong is a problem document."""

    async def known(request: Request, error: Exception) -> Response:
        return problem_answer(request, error)

    async def invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        first = error.errors()[0]
        field = str(first["loc"][-1])
        return problem_answer(
            request, Invalid(f"The field {field} is not as it must be.", f"{first['msg']}.")
        )

    async def plain(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return problem_answer(request, _refused(error))

    app.add_exception_handler(KnownError, known)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, plain)
    app.add_exception_handler(Exception, known)


def _refused(error: HTTPException) -> RequestRefused:
    if error.status_code == 404:
        return NoSuchThing("There is nothing at this address.", _LISTED)
    if error.status_code == 405:
        return WrongMethod(
            "This address takes another method.",
            _LISTED,
            error.headers,
        )
    return BadRequest("The request cannot be read.", _LISTED)


def _problems_alone(document: dict[str, Any]) -> None:
    """A problem comes as problem document, never as plain JSON."""
    for path in document["paths"].values():
        for operation in path.values():
            for status, answer in operation["responses"].items():
                content = answer.get("content", {})
                if int(status) >= 400 and "application/json" in content:
                    schema = content.pop("application/json")["schema"]
                    content.setdefault("application/problem+json", {})["schema"] = schema
