"""What a long command says of its progress."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from kiosk.core import progress
from kiosk.core.progress import Bar, Counted, track


def _log() -> tuple[io.StringIO, Console]:
    text = io.StringIO()
    return text, Console(file=text, width=100)


def test_a_log_gets_a_line_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = iter([0.0, 10.0, 31.0, 40.0])
    monkeypatch.setattr("kiosk.core.progress.time.monotonic", lambda: next(seconds))
    lines: list[str] = []
    text, console = _log()
    monkeypatch.setattr(console, "print", lambda line="", **_: lines.append(line))
    bar = Bar(console, "reading [all]", 3)
    for note in ("one", "two", "three"):
        bar.advance(note)
    assert lines == ["reading [all] 2/3 two"]
    assert text.getvalue() == ""


def test_a_total_may_come_later() -> None:
    text, console = _log()
    with Bar(console, "aligning", keep=True) as bar:
        bar.tell(2, 4)
        bar.tell(3)
    assert "3/4" in text.getvalue()


def test_every_way_of_counting_shows_how_far_it_is() -> None:
    shown = {}
    for counted, done, total in (
        (Counted.ITEMS, 3, 8),
        (Counted.BYTES, 1_000, 4_000),
        (Counted.SHARE, 0.25, 1.0),
        (Counted.SECONDS, 12, None),
    ):
        text, console = _log()
        with Bar(console, "work", total, counted=counted, keep=True) as bar:
            bar.tell(done, note="noted")
        shown[counted] = text.getvalue()
    wanted = {
        Counted.ITEMS: "3/8",
        Counted.BYTES: "1.0/4.0 kB",
        Counted.SHARE: "25%",
        Counted.SECONDS: "noted",
    }
    assert [each for each, part in wanted.items() if part not in shown[each]] == []


def test_tracked_items_come_in_order_and_leave_nothing_on_the_screen() -> None:
    text, console = _log()
    assert list(track("abc", "letters", console)) == ["a", "b", "c"]
    assert "letters" not in text.getvalue()


def test_a_failure_inside_ends_the_bar() -> None:
    _, console = _log()
    with pytest.raises(ZeroDivisionError), Bar(console, "work", 1, keep=True):
        _ = 1 / 0
    with Bar(console, "again", 1, keep=True):
        assert progress.SECONDS_BETWEEN_LINES > 0
