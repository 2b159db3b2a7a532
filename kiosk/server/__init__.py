"""The kiosk as an HTTP service: requests of other programs and a page to try them out.

Above `runtime` and beside `ui`. FastAPI and uvicorn come with the extra `serve` and are imported
when the service is made, not before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fastapi import FastAPI

    from kiosk.core.settings import Settings

__all__ = ["create_app"]


def create_app(settings: Settings) -> FastAPI:
    """The application of `kiosk serve`, for any ASGI server on this machine's own address. Raises
    PackageMissing."""
    from kiosk.core.extras import require

    require("fastapi", "prometheus_client", "python_multipart", for_what="The service")
    from kiosk.server.app import application
    from kiosk.server.service import Service

    return application(Service(settings))
