"""The examples of docs/api.md print what stands below them."""

from __future__ import annotations

import contextlib
import io
import os
import re
import shutil
import subprocess
from typing import Any

import pytest

from tests.support.paths import ROOT
from tests.support.service_room import Room

EXAMPLE = re.compile(r"```(python|sh)\n(.*?)```\n```output\n(.*?)```", re.DOTALL)


def examples() -> list[tuple[str, str, str]]:
    text = (ROOT / "docs" / "api.md").read_text("utf-8")
    return [(kind, code, output) for kind, code, output in EXAMPLE.findall(text)]


def printed(code: str, names: dict[str, Any]) -> str:
    """What Python prints, with the names that the examples before have left."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(code, "docs/api.md", "exec"), names)
    return out.getvalue()


def written(code: str, url: str) -> str:
    """What a shell writes."""
    done = subprocess.run(
        ["sh", "-c", code],
        env={**os.environ, "URL": url, "no_proxy": "*"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return done.stdout


def test_every_example_prints_what_is_said(real: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    """In their order, for each goes on where the one before ended."""
    monkeypatch.chdir(ROOT)
    tools = all(shutil.which(name) for name in ("curl", "jq"))
    names: dict[str, Any] = {"url": real.url}
    found = examples()
    assert {kind for kind, _code, _output in found} == {"python", "sh"}
    wrong = []
    try:
        for kind, code, output in found:
            if kind == "sh" and not tools:
                continue
            told = printed(code, names) if kind == "python" else written(code, real.url)
            if told != output:
                wrong.append((code, output, told))
    finally:
        names["kiosk"].close()
    assert wrong == []
