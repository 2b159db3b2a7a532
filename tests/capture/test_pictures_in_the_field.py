"""Pictures as people bring them, made of one of the demo people's: each comes out as that one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from kiosk.capture.images import ImagesSource, read_picture
from kiosk.capture.sources import open_source
from kiosk.core.errors import InputError
from kiosk.core.media import Frame, SourceNotice
from tests.support.heic import tiled_heic
from tests.support.paths import DEMO

STILL = DEMO / "stills" / "bawi.jpg"


def test_every_tile_of_a_telephones_picture_is_read_and_turned(tmp_path: Path) -> None:
    picture = np.asarray(Image.open(STILL).convert("RGB").resize((512, 384)))
    path = tmp_path / "IMG_0001.HEIC"
    for turns in (0, 1):
        path.write_bytes(tiled_heic(picture, 128, turns))
        source = open_source(str(path))
        assert isinstance(source, ImagesSource)
        [frame] = source.events()
        assert isinstance(frame, Frame)
        expected = np.rot90(picture, turns)
        assert frame.image.shape == expected.shape
        assert np.abs(frame.image.astype(int) - expected).mean() < 4


def test_a_phones_hundred_megapixels_are_shrunk_while_they_are_decoded(tmp_path: Path) -> None:
    with Image.open(STILL) as still:
        still.resize((12_000, 9_000)).save(tmp_path / "phone.jpg", quality=70)
        expected = np.asarray(still.convert("RGB").resize((4096, 3072)))
    found = read_picture(tmp_path / "phone.jpg")
    assert found.shape == (3072, 4096, 3)
    assert np.abs(found.astype(int) - expected).mean() < 3


@pytest.mark.parametrize("suffix", ["jpg", "png"])
def test_of_a_picture_cut_off_the_rest_is_used_and_said(tmp_path: Path, suffix: str) -> None:
    original = tmp_path / f"whole.{suffix}"
    Image.open(STILL).save(original)
    content = original.read_bytes()
    path = tmp_path / f"cut.{suffix}"
    path.write_bytes(content[: len(content) * 2 // 3])
    frame, notice = ImagesSource(path).events()
    assert isinstance(frame, Frame)
    assert isinstance(notice, SourceNotice)
    assert notice.text == f"cut.{suffix} is damaged: it ends too early; the rest was used."
    whole = read_picture(original)
    upper = slice(0, whole.shape[0] // 3)
    assert np.abs(frame.image[upper].astype(int) - whole[upper]).mean() < 1
    with pytest.raises(InputError, match="damaged: it ends too early"):
        read_picture(path)


def test_what_is_transparent_is_white(tmp_path: Path) -> None:
    clear = Image.new("RGBA", (40, 30), (200, 0, 0, 0))
    clear.paste((0, 0, 200, 255), (0, 0, 20, 30))
    for suffix in ("png", "webp"):
        clear.save(tmp_path / f"clear.{suffix}", lossless=True)
        found = read_picture(tmp_path / f"clear.{suffix}")
        assert found[15, 10].tolist() == [0, 0, 200]
        assert found[15, 30].tolist() == [255, 255, 255]


def test_one_picture_is_refused_by_its_own_cause(tmp_path: Path) -> None:
    huge = tmp_path / "huge.png"
    Image.new("1", (20_000, 10_000)).save(huge)
    text = tmp_path / "text.jpg"
    text.write_text("a letter")
    half = tmp_path / "half.webp"
    Image.open(STILL).save(half)
    half.write_bytes(half.read_bytes()[:3000])
    causes = {
        huge: "huge.png is too large: 20000 by 10000 pixels.",
        half: "half.webp is damaged: its content cannot be decoded.",
    }
    for path, cause in causes.items():
        source = open_source(str(path))
        assert isinstance(source, ImagesSource)
        with pytest.raises(InputError) as caught:
            list(source.events())
        assert caught.value.text == cause
    with pytest.raises(InputError) as caught:
        list(open_source(str(text)).events())
    assert caught.value.text == "text.jpg is not a readable picture."
    folder = tmp_path / "folder"
    folder.mkdir()
    text.rename(folder / "text.jpg")
    with pytest.raises(InputError, match=r"No picture in .* text\.jpg is not a readable picture"):
        list(ImagesSource(folder).events())
