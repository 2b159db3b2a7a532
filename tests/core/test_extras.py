"""Where a package of an extra is missing, what to install is said."""

from __future__ import annotations

import importlib
import sys
import tomllib
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType

import pytest
from click.testing import CliRunner

from kiosk.cli.main import cli
from kiosk.core.errors import ModelError, PackageMissing
from kiosk.core.extras import EXTRA_OF, require
from kiosk.inference.packages import packaged_weights
from tests.support.paths import ROOT

DISTRIBUTIONS = {
    "face_recognition_models": "face-recognition-models",
    "prometheus_client": "prometheus-client",
    "psycopg": "psycopg[binary]",
    "python_multipart": "python-multipart",
    "sklearn": "scikit-learn",
    "sse_starlette": "sse-starlette",
}


@pytest.fixture
def without(monkeypatch: pytest.MonkeyPatch) -> str:
    """scipy is not found, nor is what was imported with it in memory."""
    hidden, found = "scipy", PathFinder.find_spec

    def find_spec(
        name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        return None if name == hidden else found(name, path, target)

    for name in list(sys.modules):
        if name.split(".")[0] == hidden or name.startswith(("kiosk.evaluation", "kiosk.training")):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(PathFinder, "find_spec", find_spec)
    return hidden


def test_every_module_belongs_to_an_extra_that_brings_it() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    assert extras["train"] == ["kiosk[evaluate]"]
    for module, extra in EXTRA_OF.items():
        names = [need.split("=")[0].rstrip("><") for need in extras[extra]]
        assert DISTRIBUTIONS.get(module, module) in names
        always = " ".join(project["dependencies"])
        assert not [name for name in names if name in always]


def test_what_is_there_is_not_complained_of() -> None:
    require(*EXTRA_OF, for_what="Everything")


@pytest.mark.parametrize("package", ["kiosk.evaluation", "kiosk.training"])
def test_a_package_that_cannot_work_says_so_when_it_is_imported(package: str, without: str) -> None:
    with pytest.raises(PackageMissing, match=without) as caught:
        importlib.import_module(package)
    assert "pip install 'kiosk[evaluate]'" in caught.value.remedy


def test_commands_end_with_what_to_install(without: str, tmp_path: Path) -> None:
    result = CliRunner().invoke(cli, ["evaluate", "verification", str(tmp_path)])
    assert isinstance(result.exception, PackageMissing)
    assert result.exception.exit_code == 8
    assert without in result.exception.text
    assert CliRunner().invoke(cli, ["train", "--help"]).exit_code == 0


def test_a_package_that_only_carries_weights_is_named_with_its_extra(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(PathFinder, "find_spec", lambda *_any, **_more: None)
    monkeypatch.delitem(sys.modules, "resemblyzer", raising=False)
    with pytest.raises(ModelError, match="resemblyzer") as caught:
        packaged_weights("resemblyzer", "pretrained.pt")
    assert "kiosk[evaluate]" in caught.value.remedy
