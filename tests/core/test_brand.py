"""An operator's colours, texts, hours and pictures: what can be used, and why another cannot."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from PIL import Image

from kiosk.core.brand_pictures import read_brand_picture
from kiosk.core.colours import (
    LEAST_STROKE,
    LEAST_TEXT,
    branded,
    contrast,
    theme_colours,
    theme_tokens,
)
from kiosk.core.declared.brand import in_both
from kiosk.core.errors import InputError, SettingsError
from kiosk.core.hours import read_hours
from kiosk.core.settings import Settings
from kiosk.core.settings_file import SettingsFile


def illegible(colours: dict[str, str]) -> list[str]:
    found = []
    for table, least in (("pairs", LEAST_TEXT), ("strokes", LEAST_STROKE)):
        for name, pair in theme_tokens()[table].items():
            assert isinstance(pair, list)
            if contrast(colours[pair[0]], colours[pair[1]]) < least:
                found.append(f"{table} {name}")
    return found


@pytest.mark.parametrize("accent", ["#0055AA", "#C00020", "#336699", "#111111", "#7A1F5C"])
def test_with_colours_that_are_taken_every_pair_is_legible(accent: str) -> None:
    made = branded(theme_colours(), accent, "#F7F3EA")
    assert made["accent"] == accent
    assert made["accent_soft"] != theme_colours()["accent_soft"]
    assert illegible(made) == []


@pytest.mark.parametrize(
    ("accent", "ground", "key", "pair", "found"),
    [
        ("#FFEE00", "", "accent_colour", "accent_on_ground (accent #FFEE00 on ground", "1.1:1"),
        ("#777777", "", "accent_colour", "needs 4.5:1", "4.0:1"),
        ("", "#222222", "ground_colour", "body (ink #16302A on ground #222222)", "1.1:1"),
        ("", "#DDDDDD", "ground_colour", "button (line #768A83 on ground", "needs 3:1"),
        ("#0055AA", "#222222", "ground_colour", "body (ink", "1.1:1"),
    ],
)
def test_colours_that_cannot_be_read_are_refused_by_name(
    accent: str, ground: str, key: str, pair: str, found: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        Settings(accent_colour=accent, ground_colour=ground)
    assert caught.value.key == key
    assert pair in caught.value.text
    assert found in caught.value.text


@pytest.mark.parametrize("text", ["green", "#12345", "#GGGGGG", "0B6A5C", "#0B6A5C;"])
def test_what_is_no_colour_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="accent_colour is"):
        Settings(accent_colour=text)


def test_a_text_is_for_both_languages_or_one_for_each() -> None:
    assert in_both("attract_title", " 환영합니다 | Welcome ", 24) == ("환영합니다", "Welcome")
    assert in_both("attract_title", "ACME", 24) == ("ACME", "ACME")
    assert in_both("attract_title", "  ", 24) is None
    for text in ("환영 |", "x" * 25, "a\x1b[2J", "a|" + "x" * 25):
        with pytest.raises(SettingsError):
            Settings(attract_title=text)


def lit(hours: str, moment: str) -> bool:
    return read_hours(hours).lit(datetime.fromisoformat(moment))


def test_hours_of_a_week() -> None:
    week = "Mo-Fr 07:30-19:00; Sa 09:00-13:00"
    told = {
        "2026-11-30T07:29": False,  # a Monday
        "2026-11-30T07:30": True,
        "2026-11-30T18:59": True,
        "2026-11-30T19:00": False,
        "2026-12-05T09:00": True,
        "2026-12-06T10:00": False,
    }
    assert {moment: lit(week, moment) for moment in told} == told
    assert {moment: lit("월-금 7:30-19:00; 토요일 09:00-13:00", moment) for moment in told} == told
    assert lit("", "2026-12-06T03:00")


def test_hours_past_midnight_belong_to_the_day_they_begin_on() -> None:
    night = "Fr-Sa 22:00-03:00; Su 20:00-24:00"
    assert lit(night, "2026-12-05T02:59")
    assert not lit(night, "2026-12-04T02:00")
    assert lit(night, "2026-12-06T02:00")
    assert lit(night, "2026-12-06T23:59")
    assert not lit(night, "2026-12-07T00:00")
    assert lit("Su 22:00-03:00", "2026-12-07T01:00")  # past the end of the week
    assert lit("Sa-Mo 08:00-09:00", "2026-12-06T08:30")
    assert lit("00:00-24:00", "2026-12-06T08:30")


@pytest.mark.parametrize(
    "text",
    ["always", "Mo 25:00-26:00", "Mo 09:00-09:00", "Xx 09:00-10:00", "9-17", "Mo- 09:00-10:00"],
)
def test_what_are_no_hours_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="are no hours"):
        read_hours(text)
    with pytest.raises(SettingsError, match="screen_hours"):
        Settings(screen_hours=text)


def test_pictures_are_read_whole_and_upright(tmp_path: Path) -> None:
    turned = Image.Exif()
    turned[0x0112] = 6
    for suffix in ("png", "jpg", "webp"):
        file = tmp_path / f"logo.{suffix}"
        Image.new("RGB", (120, 40), "red").save(file, exif=turned)
        made = read_brand_picture("logo", str(file))
        assert made.size == (40, 120)
        assert made.mode == "RGBA"


def test_a_bad_picture_is_refused_with_its_cause_and_nothing_is_written(tmp_path: Path) -> None:
    good = tmp_path / "good.png"
    Image.new("RGB", (64, 64), "red").save(good)
    cut = tmp_path / "cut.png"
    cut.write_bytes(good.read_bytes()[:-30])
    tiny, huge = tmp_path / "tiny.png", tmp_path / "huge.png"
    Image.new("RGB", (16, 64)).save(tiny)
    Image.new("1", (9000, 40)).save(huge)
    svg, text = tmp_path / "logo.svg", tmp_path / "text.png"
    svg.write_text("<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "utf-8")
    text.write_text("no picture", "utf-8")
    gif = tmp_path / "moving.gif"
    Image.new("P", (64, 64)).save(gif)
    toml = tmp_path / "kiosk.toml"
    file = SettingsFile(toml, {}, {})
    for place, cause in (
        (tmp_path / "none.png", "No such file"),
        (tmp_path, "is no file"),
        (cut, "is damaged"),
        (tiny, "16 x 64 pixels"),
        (huge, "9000 x 40 pixels"),
        (svg, "is SVG, which is not taken"),
        (text, "no picture of a kind"),
        (gif, "no picture of a kind"),
    ):
        with pytest.raises(SettingsError, match=cause):
            file.save({"logo": str(place)})
    assert not toml.exists()
    assert file.save({"logo": str(good)}).logo == str(good)
    assert file.save({"logo": ""}).logo == ""


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("", ()),
        (" ; ", ()),
        ("Mo-We 07:30-19:05", ((450, 1145), (1890, 2585), (3330, 4025))),
        ("fr,SU 22:00-03:00", ((7080, 7380), (9960, 10260))),
        ("일-화 8:05 - 9:10", ((9125, 9190), (485, 550), (1925, 1990))),
        ("수요일 00:00-24:00; Su 20:00-24:00", ((2880, 4320), (9840, 10080))),
        ("12:00-12:01", tuple((720 + day * 1440, 721 + day * 1440) for day in range(7))),
    ],
)
def test_hours_are_spans_of_minutes_from_mondays_midnight(
    text: str, spans: tuple[tuple[int, int], ...]
) -> None:
    assert read_hours(text).spans == spans


@pytest.mark.parametrize(
    "part",
    [
        "Mo 24:01-25:00",
        "Mo 09:60-10:00",
        "Mo, 09:00-10:00",
        "월수 09:00-10:00",
        "Mo 9-17",
        "요 1:00-2:00",
    ],
)
def test_the_part_that_is_no_hours_is_named(part: str) -> None:
    with pytest.raises(InputError) as caught:
        read_hours(f"Mo 09:00-10:00; {part}")
    assert caught.value.text == f"{part!r} are no hours."
