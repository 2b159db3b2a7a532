"""Packages that a kiosk at work does without, and what to install where one is missing."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec

from kiosk.core.errors import PackageMissing

EXTRA_OF: Mapping[str, str] = {
    "face_recognition_models": "evaluate",
    "fastapi": "serve",
    "matplotlib": "evaluate",
    "pgvector": "fleet",
    "prometheus_client": "serve",
    "psycopg": "fleet",
    "python_multipart": "serve",
    "resemblyzer": "evaluate",
    "scipy": "evaluate",
    "sklearn": "evaluate",
    "sse_starlette": "serve",
    "timm": "evaluate",
    "uvicorn": "serve",
}
"""The extra (pyproject.toml) that brings each module; the extra `train` brings all of them too."""


def require(*modules: str, for_what: str) -> None:
    """Raise PackageMissing, which says what to install, unless all the modules can be imported.

    Nothing is imported. `for_what` begins the sentence: "Evaluation".
    """
    missing = [name for name in modules if find_spec(name) is None]
    if missing:
        raise PackageMissing(
            f"{for_what} needs what is not installed: {', '.join(missing)}.",
            f"Install it with: pip install 'kiosk[{EXTRA_OF[missing[0]]}]'.",
        )
