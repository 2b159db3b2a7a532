"""Weights that arrive inside an installed Python package."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from kiosk.core.errors import ModelError
from kiosk.core.extras import EXTRA_OF


def packaged_weights(package: str, file: str) -> Path:
    """Where ``file`` of an installed ``package`` lies, found without importing the package.

    Raises ModelError if the package or the file is missing.
    """
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        wanted = f"kiosk[{EXTRA_OF[package]}]" if package in EXTRA_OF else package
        raise ModelError(
            f"The package {package} is not installed.", f"Install it with: pip install '{wanted}'."
        )
    path = Path(spec.submodule_search_locations[0]) / file
    if not path.is_file():
        raise ModelError(f"{path.name} is missing from the package {package}.", "Reinstall it.")
    return path
