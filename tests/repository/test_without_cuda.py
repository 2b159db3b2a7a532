"""torch without CUDA's libraries: which pins stay, and that it starts and computes the same."""

from __future__ import annotations

import importlib.util
import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.paths import ROOT
from tools import without_cuda

PINS = (ROOT / "requirements" / "lock.txt").read_text("utf-8")
COMPUTE = """
import sys
sys.path.insert(0, sys.argv[1])
import torch
torch.manual_seed(1)
found = torch.nn.functional.conv2d(torch.randn(1, 3, 16, 16), torch.randn(4, 3, 3, 3)).sum()
solved = torch.linalg.svd(torch.randn(8, 8))[1].sum()
print(torch.__file__, torch.cuda.is_available(), float(found), float(solved))
"""


def names(pins: str) -> set[str]:
    """The packages that pins name."""
    return {line.split("==")[0] for line in pins.splitlines() if line[:1].isalnum()}


def test_only_what_serves_a_gpu_is_left_out_of_the_pins() -> None:
    kept, every = names(without_cuda.without_cuda(PINS)), names(PINS)
    gone = every - kept
    assert {"triton", "cuda-toolkit", "nvidia-cublas", "nvidia-cudnn-cu13"} <= gone
    assert all(name == "triton" or name.startswith(("nvidia-", "cuda-")) for name in gone)
    assert {"torch", "torchaudio", "facenet-pytorch", "numpy"} <= kept
    assert without_cuda.without_cuda(PINS).count("--hash") == PINS.count("--hash") - sum(
        block.count("--hash") for block in blocks(PINS) if block.split("==")[0] in gone
    )


def blocks(pins: str) -> list[str]:
    """Each package with the lines that belong to it."""
    found: list[str] = []
    for line in pins.splitlines(keepends=True):
        if line[:1].isalnum() or not found:
            found.append("")
        found[-1] += line
    return found


def test_whoever_asks_for_cuda_gets_it_and_whoever_refuses_it_does_not() -> None:
    assert without_cuda.wanted("yes")
    assert not without_cuda.wanted("no")


def test_a_gpu_or_a_missing_compiler_bring_cuda_along(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(without_cuda, "has_gpu", lambda: True)
    assert without_cuda.wanted("auto")
    monkeypatch.setattr(without_cuda, "has_gpu", lambda: False)
    monkeypatch.setenv("PATH", "")
    assert without_cuda.wanted("auto")
    if platform.machine() == "x86_64":
        assert "gcc" in capsys.readouterr().err


@pytest.mark.skipif(without_cuda.compiler() is None, reason="needs a C compiler and binutils")
@pytest.mark.skipif(platform.machine() != "x86_64", reason="elsewhere torch is built without CUDA")
def test_torch_starts_without_cuda_and_computes_the_same(tmp_path: Path) -> None:
    spec = importlib.util.find_spec("torch")
    assert spec is not None
    assert spec.origin is not None
    shipped = Path(spec.origin).parent
    linked = tmp_path / "torch"
    for folder, _below, files in os.walk(shipped):
        here = linked / Path(folder).relative_to(shipped)
        here.mkdir(parents=True)
        for name in files:
            (here / name).symlink_to(Path(folder, name))
    for library in without_cuda.missing(sorted((linked / "lib").glob("*.so*"))):
        (linked / "lib" / library).unlink(missing_ok=True)
    made = without_cuda.libraries(linked)
    assert {"libcudart.so.13", "libcublas.so.13"} <= set(made) or not made
    bare, whole = computed(tmp_path), computed(shipped.parent)
    assert bare[0].startswith(str(tmp_path))
    assert bare[1:] == ["False", *whole[2:]]


def computed(site: Path) -> list[str]:
    """Where torch lies, whether it sees a GPU, and two numbers, computed by one thread."""
    done = subprocess.run(
        [sys.executable, "-c", COMPUTE, str(site)],
        env={"PATH": os.environ["PATH"], "CUDA_VISIBLE_DEVICES": "", "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return done.stdout.split()
