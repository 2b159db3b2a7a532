"""`kiosk attendance` and `kiosk greeting`, typed as an operator types them."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kiosk.cli.main import cli
from kiosk.core.decisions import Candidate, Decision, DecisionOutcome
from kiosk.core.liveness import LivenessOutcome
from kiosk.core.records import Circumstances
from kiosk.storage import SqlGallery
from tests.support.storage_support import FACE, NEW, template
from tests.support.workbook import cells

ANN, SLY = "김민준", "=HYPERLINK(1)"
COUNTS = Circumstances(LivenessOutcome.LIVE, from_devices=True, attended=True)
SEEN = ("2026-03-02T00:05", "2026-03-02T09:10", "2026-03-03T23:30")


class Place:
    """A gallery with two people: one came on two days of March 2026, one by a name that a
    spreadsheet would run."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.paths = folder / "data" / "gallery.db", folder / "config" / "gallery.key"
        gallery = SqlGallery.open(*self.paths)
        for number, name in enumerate((ANN, SLY), start=1):
            gallery.enrol(name, [template(number)], NEW)
        for who, text in (*((1, text) for text in SEEN), (2, "2026-04-10T03:00")):
            moment = datetime.fromisoformat(text).replace(tzinfo=UTC)
            monkeypatch.setattr(gallery, "_now", lambda moment=moment: moment)
            top = Candidate(who, "", 8.0, 0.99, face_score=0.7, face_llr=8.0)
            made = Decision(DecisionOutcome.IDENTIFIED, (top,), (FACE,), 0.99)
            gallery.record(made, circumstances=COUNTS)
        gallery.close()

    def kiosk(self, *words: str, given: tuple[str, ...] = ("attendance=true",)) -> Result:
        places = (f"database={self.paths[0]}", f"key_file={self.paths[1]}")
        zone = ("attendance_zone=Asia/Seoul",)
        options = [word for each in (*places, *zone, *given) for word in ("--set", each)]
        return CliRunner().invoke(cli, [*options, *words])

    def shown(self, *words: str) -> list[dict[str, object]]:
        done = self.kiosk("attendance", "show", *words, "--json")
        assert done.exit_code == 0, done.exception
        found: list[dict[str, object]] = json.loads(done.stdout)
        return found


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    return Place(tmp_path, monkeypatch)


def test_first_and_last_of_a_day_are_told_in_the_zone_that_was_set(place: Place) -> None:
    (day,) = place.shown("--day", "2026-03-02")
    assert (day["name"], day["visits"]) == (ANN, 2)
    assert (day["first"], day["last"]) == ("2026-03-02T09:05:00+09:00", "2026-03-02T18:10:00+09:00")
    month = place.shown("--month", "2026-03", "--name", ANN)
    assert [each["day"] for each in month] == ["2026-03-02", "2026-03-04"]
    table = place.kiosk("attendance", "show", "--day", "2026-03-02")
    assert "09:05" in table.output
    assert "9.08" in table.output
    nobody = place.kiosk("attendance", "show", "--day", "2026-03-01")
    assert nobody.exit_code == 0
    assert "Nobody was here then" in nobody.output


def test_a_correction_is_kept_beside_what_was_seen(place: Place) -> None:
    words = ("attendance", "correct", ANN, "2026-03-02", "--first", "08:55", "--last", "18:30")
    done = place.kiosk(*words, "--reason", "came by the back door", "--json")
    assert done.exit_code == 0, done.exception
    assert json.loads(done.stdout)["correction"] == 1
    place.kiosk("attendance", "correct", ANN, "2026-03-02", "--absent", "--reason", "his twin")
    (day,) = place.shown("--day", "2026-03-02")
    assert (day["first"], day["seen_first"]) == (None, "2026-03-02T09:05:00+09:00")
    assert isinstance(day["corrections"], list)
    assert [each["reason"] for each in day["corrections"]] == ["came by the back door", "his twin"]
    assert [each["by"] for each in day["corrections"]] == ["shell", "shell"]
    record = place.kiosk("audit", "show", "--last", "2").output
    assert record.count("attendance corrected") == 2
    assert "twin" not in record
    assert place.kiosk("audit", "verify").exit_code == 0


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (("correct", ANN, "2026-03-02", "--reason", "x"), "When was the person here"),
        (("correct", ANN, "2026-03-02", "--first", "9:00", "--reason", "x"), "One of the two"),
        (("correct", ANN, "2099-01-01", "--absent", "--reason", "x"), "has not come yet"),
        (("correct", ANN, "2026-03-02", "--absent", "--reason", " "), "The reason is empty"),
        (("correct", "김민중", "2026-03-02", "--absent", "--reason", "x"), "Nobody of that name"),
        (("show", "--day", "2.3.2026"), "is no day"),
        (("show", "--month", "2026-3-1"), "is no month"),
        (("show", "--day", "2026-03-02", "--month", "2026-03"), "two times"),
        (("export", "table.ods"), "neither .csv nor .xlsx"),
    ],
)
def test_what_cannot_be_is_refused_with_its_cause(
    place: Place, words: tuple[str, ...], fault: str
) -> None:
    done = place.kiosk("attendance", *words)
    assert done.exit_code != 0
    assert fault in str(done.exception)


def test_a_month_is_a_table_that_runs_nothing(place: Place, tmp_path: Path) -> None:
    month = "2026-04"
    reason = "@SUM(1)"
    place.kiosk("attendance", "correct", ANN, "2026-03-02", "--absent", "--reason", reason)
    sly = tmp_path / "sly.csv"
    assert place.kiosk("attendance", "export", str(sly), "--month", month).exit_code == 0
    lines = list(csv.DictReader(io.StringIO(sly.read_text("utf-8-sig"))))
    assert [line["name"] for line in lines] == [f"'{SLY}"]
    file = tmp_path / "march.csv"
    assert place.kiosk("attendance", "export", str(file), "--month", "2026-03").exit_code == 0
    struck, kept = csv.DictReader(io.StringIO(file.read_text("utf-8-sig")))
    assert (struck["first"], struck["corrected"], struck["reason"]) == ("", "1", f"'{reason}")
    assert struck["seen_first"] == "2026-03-02T09:05:00+09:00"
    assert (kept["first"], kept["hours"]) == ("2026-03-04T08:30:00+09:00", "0.00")
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_workbook_holds_days_and_every_correction(place: Place, tmp_path: Path) -> None:
    month = "2026-04"
    for reason in ("one", "two"):
        place.kiosk(
            "attendance", "correct", ANN, "2026-03-02", "--absent", "--reason", f"={reason}"
        )
    file = tmp_path / "march.xlsx"
    done = place.kiosk("attendance", "export", str(file), "--month", "2026-03", "--json")
    assert json.loads(done.stdout) == {"file": str(file), "month": "2026-03", "lines": 2}
    days, said = cells(file, 1), cells(file, 2)
    assert days[0][:4] == ["day", "name", "first", "last"]
    assert [line[1] for line in days[1:]] == [ANN, ANN]
    assert days[1][-1] == "0"
    # 2026-03-04 08:30 as a spreadsheet counts days.
    assert float(days[2][2]) == pytest.approx(46085 + 8.5 / 24, abs=1e-6)
    assert [line[2:4] for line in said[1:]] == [["=one", "shell"], ["=two", "shell"]]
    sly = tmp_path / "sly.xlsx"
    place.kiosk("attendance", "export", str(sly), "--month", month)
    assert cells(sly, 1)[1][1] == SLY  # as text, which runs nothing


def test_a_file_that_is_there_stays_unless_it_is_said(place: Place, tmp_path: Path) -> None:
    file = tmp_path / "march.csv"
    file.write_text("mine", "utf-8")
    refused = place.kiosk("attendance", "export", str(file), "--month", "2026-03")
    assert "exists already" in str(refused.exception)
    assert file.read_text("utf-8") == "mine"
    own = place.kiosk("attendance", "export", str(place.paths[0]), "--force")
    assert own.exit_code != 0
    assert (
        place.kiosk("attendance", "export", str(file), "--month", "2026-03", "--force").exit_code
        == 0
    )
    assert file.read_text("utf-8-sig").startswith("day,name")


def test_off_is_said_and_nothing_is_corrected(place: Place) -> None:
    shown = place.kiosk("attendance", "show", "--day", "2026-03-02", given=())
    assert "attendance is off" in shown.output
    words = ("attendance", "correct", ANN, "2026-03-02", "--absent", "--reason", "x")
    assert "attendance is off" in str(place.kiosk(*words, given=()).exception)


@pytest.mark.parametrize(
    ("setting", "fault"),
    [
        ("attendance_zone=Asia/Soul", "no time zone"),
        ("attendance_zone=../../etc/passwd", "no time zone"),
        ("attendance_day_begins=25:00", "HH:MM"),
        ("greeting_until=tomorrow", "YYYY-MM-DD"),
        (f"greeting={'x' * 61}", "61 characters"),
        ("event_when=always", "Choose one of"),
        ("event_min_probability=1.5", "from 0 to 1"),
    ],
)
def test_a_setting_that_cannot_be_used_is_refused_by_name(
    place: Place, setting: str, fault: str
) -> None:
    done = place.kiosk("greeting", "list", given=(setting,))
    assert done.exit_code != 0
    assert fault in str(done.exception)


def test_a_line_is_set_listed_and_taken_away(place: Place) -> None:
    on = ("greetings=true", "greeting=Closed on Friday", "greeting_until=2026-12-01")
    words = ("greeting", "set", ANN, "소포가  왔습니다", "--once", "--json")
    done = place.kiosk(*words, given=on)
    assert json.loads(done.stdout) == {
        "name": ANN,
        "text": "소포가 왔습니다",
        "once": True,
        "until": None,
    }
    listed = json.loads(place.kiosk("greeting", "list", "--json", given=on).stdout)
    assert [each["name"] for each in listed] == [None, ANN]
    assert listed[0]["until"] == "2026-12-01"
    table = place.kiosk("greeting", "list").output
    assert "once" in table
    assert "greetings are off" in table
    assert "소포" not in place.kiosk("audit", "show", "--last", "1").output
    assert "no line any more" in place.kiosk("greeting", "clear", ANN).output
    assert "had no line" in place.kiosk("greeting", "clear", ANN).output
    for text, how, fault in (
        ("", (), "The greeting is empty"),
        ("a\x07b", (), "control character"),
        ("x", ("--once", "--until", "2026-12-01"), "two ways"),
    ):
        assert fault in str(place.kiosk("greeting", "set", ANN, text, *how).exception)
