"""Fixtures of the tests of settings."""

from __future__ import annotations

import pytest

from kiosk.core import settings, settings_file, settings_layers

OLD_NAME = "processor_threads"


@pytest.fixture
def old_name(monkeypatch: pytest.MonkeyPatch) -> str:
    """A name that threads had before; no setting was renamed yet."""
    for module in (settings, settings_layers, settings_file):
        monkeypatch.setattr(module, "old_names", lambda: {OLD_NAME: "threads"})
    return OLD_NAME
