"""People go when their time has come, and nobody else does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from kiosk.cli.main import cli
from kiosk.core.boot_clock import Moment
from kiosk.core.decisions import Candidate, Decision, DecisionOutcome
from kiosk.core.errors import SettingsError
from kiosk.core.expiry import ExpiryRule
from kiosk.core.records import Consent
from kiosk.core.settings import Settings
from kiosk.recognition.visit_log import VisitLog
from tests.support.storage_support import (
    IMPLEMENTATIONS,
    NEW,
    AnyGallery,
    Ticking,
    open_in,
    template,
)

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture(params=IMPLEMENTATIONS)
def gallery(request: pytest.FixtureRequest) -> Iterator[tuple[AnyGallery, Ticking]]:
    clock = Ticking()
    opened = IMPLEMENTATIONS[request.param](clock)
    for seed, name in enumerate(("Ann", "Ben", "Cleo")):
        opened.enrol(name, [template(seed)], NEW)
    yield opened, clock
    opened.close()


def seen(gallery: AnyGallery, name: str) -> None:
    subject = gallery.subject(name)
    top = Candidate(subject.subject_id, name, 9.0, 0.99)
    gallery.record(Decision(DecisionOutcome.IDENTIFIED, (top,)))


def names(gallery: AnyGallery) -> list[str]:
    return [each.name for each in gallery.subjects()]


def test_who_does_not_come_any_more_goes(gallery: tuple[AnyGallery, Ticking]) -> None:
    people, clock = gallery
    clock.time = BEGIN + 50 * DAY
    seen(people, "Ben")
    rule = ExpiryRule(unseen_days=60)
    assert people.purge_expired(rule, BEGIN + 59 * DAY) == 0
    assert people.purge_expired(rule, BEGIN + 61 * DAY) == 2
    assert names(people) == ["Ben"]
    assert people.purge_expired(rule, BEGIN + 111 * DAY) == 1


def test_a_new_consent_keeps_who_was_enrolled_long_ago(
    gallery: tuple[AnyGallery, Ticking],
) -> None:
    people, _ = gallery
    people.give_consent("Cleo", Consent(BEGIN + 300 * DAY, "2", "en", "text"))
    assert people.purge_expired(ExpiryRule(enrolled_days=365), BEGIN + 366 * DAY) == 2
    assert names(people) == ["Cleo"]


def test_nobody_goes_where_nobody_wants_it(gallery: tuple[AnyGallery, Ticking]) -> None:
    people, _ = gallery
    assert people.purge_expired(ExpiryRule(), BEGIN + 9999 * DAY) == 0
    assert len(names(people)) == 3


def test_the_kiosk_does_it_by_itself_and_a_jump_of_the_clock_does_not(tmp_path: Path) -> None:
    opened = open_in(tmp_path)
    wall, ran = [BEGIN], [0.0]
    opened._now = lambda: wall[0]
    opened.enrol("Ann", [template(1)], NEW)
    settings = Settings(expire_unseen_days=30)

    def start() -> None:
        VisitLog(opened, settings, lambda: wall[0], moment=lambda: Moment("one", ran[0]))

    start()
    wall[0], ran[0] = BEGIN + 4000 * DAY, 60.0
    start()
    assert len(opened.subjects()) == 1
    for day in range(1, 33):
        assert len(opened.subjects()) == 1
        wall[0], ran[0] = BEGIN + day * DAY, day * 86_400.0
        start()
        if day > 30:
            break
    assert opened.subjects() == []
    opened.close()


def test_nobody_goes_for_not_having_come_when_nobody_knows(tmp_path: Path) -> None:
    assert not ExpiryRule.of(Settings(keep_days=30, expire_unseen_days=31)).wanted
    assert ExpiryRule.of(Settings(keep_days=30, expire_unseen_days=30)).wanted
    open_in(tmp_path).close()
    argv = ["--set", f"database={tmp_path}/data/gallery.db", "--set", "keep_days=30"]
    argv += ["--set", f"key_file={tmp_path}/config/gallery.key", "--set", "expire_unseen_days=31"]
    ran = CliRunner().invoke(cli, [*argv, "gallery", "expiring"])
    assert isinstance(ran.exception, SettingsError)
    assert "keep_days" in ran.exception.text


def test_who_goes_soon_is_told(tmp_path: Path) -> None:
    opened = open_in(tmp_path)
    opened._now = lambda: datetime.now(UTC) - 360 * DAY
    opened.enrol("Ann", [template(1)], NEW)
    opened._now = lambda: datetime.now(UTC)
    opened.enrol("Ben", [template(2)], NEW)
    opened.close()
    places = {"database": "data/gallery.db", "key_file": "config/gallery.key"}
    argv = [w for k, v in places.items() for w in ("--set", f"{k}={tmp_path / v}")]
    argv += ["--set", "expire_enrolled_days=365", "gallery", "expiring"]
    ran = CliRunner().invoke(cli, [*argv, "--json"], catch_exceptions=False)
    assert [each["name"] for each in json.loads(ran.stdout)] == ["Ann"]
    ran = CliRunner().invoke(cli, [*argv, "--days", "0"], catch_exceptions=False)
    assert "Nobody expires within 0 days" in ran.output
