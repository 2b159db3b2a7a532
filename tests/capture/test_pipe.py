"""Standard input and FIFOs: media and bare samples, written by another process."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from kiosk.capture.base import Event
from kiosk.capture.media import MediaSource
from kiosk.capture.pipe import PipeSource
from kiosk.capture.sources import open_source
from kiosk.core.errors import InputError
from tests.support.paths import ROOT
from tests.support.recordings import frames, make_clip, notices, sounds


def through(path: Path, content: bytes, text: str | None = None) -> list[Event]:
    """What comes of a FIFO into which `content` is written."""
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_bytes, args=(content,))
    writer.start()
    try:
        with open_source(text or str(path)) as source:
            return list(source.events())
    finally:
        writer.join(10)


@pytest.mark.parametrize("suffix", [".mkv", ".wav", ".mpg", ".flac"])
def test_a_fifo_gives_what_the_file_gives(tmp_path: Path, suffix: str) -> None:
    clip = make_clip(tmp_path / f"clip{suffix}")
    with MediaSource(clip) as source:
        expected = list(source.events())
    found = through(tmp_path / "fifo", clip.read_bytes())
    assert len(frames(found)) == len(frames(expected))
    heard, wanted = (np.concatenate([c.samples for c in sounds(e)]) for e in (found, expected))
    assert np.array_equal(heard, wanted)
    assert notices(found) == []


def test_bare_samples_are_read_at_the_rate_that_is_said(tmp_path: Path) -> None:
    samples = (8000 * np.sin(np.arange(16_000) / 5)).astype("<i2")
    found = through(tmp_path / "fifo", samples.tobytes(), f"pcm:8000:{tmp_path / 'fifo'}")
    heard = np.concatenate([chunk.samples for chunk in sounds(found)])
    assert {chunk.rate for chunk in sounds(found)} == {8000}
    assert heard == pytest.approx(samples / 32_768)


def test_what_is_no_media_is_refused_with_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="fifo sends nothing that can be read in one go") as caught:
        through(tmp_path / "fifo", b"a letter, not a recording\n" * 200)
    assert "pcm:16000:-" in caught.value.remedy


def test_closing_ends_the_wait_for_a_writer_who_never_comes(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    source = open_source(str(tmp_path / "fifo"))
    assert isinstance(source, PipeSource)
    closing = threading.Timer(0.3, source.close)
    closing.start()
    assert list(source.events()) == []
    closing.join()


def test_standard_input_is_a_source(tmp_path: Path) -> None:
    script = """
from kiosk.capture.sources import open_source
from kiosk.core.media import Frame
print(sum(isinstance(event, Frame) for event in open_source("-").events()))
"""
    clip = make_clip(tmp_path / "clip.mkv")
    with clip.open("rb") as file, subprocess.Popen(["cat"], stdin=file, stdout=-1) as sender:
        found = subprocess.run(
            [sys.executable, "-c", script],
            stdin=sender.stdout,
            capture_output=True,
            text=True,
            cwd=ROOT,
            timeout=60,
            check=True,
        )
    assert found.stdout == "25\n"
