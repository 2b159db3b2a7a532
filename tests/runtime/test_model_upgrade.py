"""From one recogniser to another on real media, with the real models: nobody is ever lost."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from kiosk.cli.main import cli
from kiosk.core.decisions import DecisionOutcome
from kiosk.core.errors import InputError, ModelError
from kiosk.core.events import VisitDecision, VisitEvent
from kiosk.core.media import Modality
from kiosk.core.settings import Settings
from kiosk.core.status import ModelCoverage
from kiosk.core.subjects import EnrolmentKind
from kiosk.enrolment.template_migration import TemplateMigration
from kiosk.recognition.identification import Identifier
from kiosk.recognition.visit import Visit, run_visits
from kiosk.runtime import composition
from kiosk.runtime.checks import State, examine
from kiosk.runtime.model_coverage import choose_resident
from kiosk.runtime.policy import policy
from tests.support.paths import ROOT
from tests.support.storage_support import template
from tools.demo import DemoPerson, load_people

OLD, NEW = "dlib-resnet", "face-mobile-2"
ENROLLED = 2
VISIT_SECONDS = 4.0
"""Of each recording: enough to be known by face and voice."""


@dataclass
class Kiosk:
    """A gallery in a folder, and what can be done with it from outside."""

    folder: Path
    people: list[DemoPerson]

    def settings(self, **given: Any) -> Settings:
        place, key = self.folder / "g.db", self.folder / "keys" / "g.key"
        return replace(Settings(database=place, key_file=key), **given)

    def enrol(self, **given: Any) -> None:
        settings = self.settings(**given)
        with composition.open_workbench(settings) as bench:
            for person in self.people:
                if not person.stranger:
                    collector = bench.new_collector()
                    collector.read(composition.open_source(settings, str(person.enrol)))
                    bench.enroller.enrol(
                        person.name, collector.collected, "file", allow_duplicate=True
                    )

    def visits(self, people: list[DemoPerson]) -> dict[str, str | None]:
        """Whom the kiosk, started anew with the recogniser it chooses by itself, takes these people
        for, one after the other."""
        settings, found = self.settings(), {}
        with composition.open_gallery(settings) as gallery:
            models = composition.build_models(settings, gallery)
            identifier = Identifier(models, gallery, policy(settings))
            learner = TemplateMigration(gallery, identifier, settings)
            for person in people:
                events: list[VisitEvent] = []
                visit = Visit(models, identifier, settings, events.append, learner=learner)
                clip = composition.open_source(settings, str(person.probe), end=VISIT_SECONDS)
                run_visits(clip, visit)
                (final,) = [e for e in events if isinstance(e, VisitDecision) and e.final]
                top = final.decision.top
                known = final.decision.outcome is DecisionOutcome.IDENTIFIED
                found[person.name] = top.name if known and top else None
        return found

    def everybody_visits(self) -> dict[str, str | None]:
        return self.visits(self.people)

    @property
    def expected(self) -> dict[str, str | None]:
        return {each.name: None if each.stranger else each.name for each in self.people}

    def upgrade(self, *options: str) -> list[dict[str, Any]]:
        found = self.run("gallery", "upgrade", "--json", *options)
        lines: list[dict[str, Any]] = json.loads(found.stdout)
        return lines

    def run(self, *words: str) -> Result:
        settings = self.settings()
        places = [f"database={settings.database}", f"key_file={settings.key_file}"]
        chosen = [word for place in places for word in ("--set", place)]
        result = CliRunner().invoke(cli, [*chosen, *words], catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return result

    def coverage(self) -> ModelCoverage:
        settings = self.settings()
        with composition.open_gallery(settings) as gallery:
            return composition.coverage(settings, gallery)[0]

    def resident(self) -> set[str]:
        """The face recognisers a visit would embed with, by name."""
        settings = self.settings()
        with composition.open_gallery(settings) as gallery:
            models = composition.build_models(settings, gallery)
        names = [models.face.model_id, *(each.embedder.model_id for each in models.other_faces)]
        return {name.partition("@")[0] for name in names}


@pytest.fixture(scope="module")
def people() -> list[DemoPerson]:
    """Two who are enrolled, and a stranger."""
    everyone = load_people(ROOT / "assets" / "demo")
    known = [each for each in everyone if not each.stranger][-ENROLLED:]
    return [*known, next(each for each in everyone if each.stranger)]


@pytest.fixture(scope="module")
def enrolled(people: list[DemoPerson], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a gallery of these people, known to the old recogniser, with pictures."""
    kiosk = Kiosk(tmp_path_factory.mktemp("enrolled") / "kiosk", people)
    kiosk.enrol(face_model=OLD, keep_pictures=True)
    return kiosk.folder


@pytest.fixture
def kiosk(enrolled: Path, people: list[DemoPerson], tmp_path: Path) -> Kiosk:
    """A kiosk of its own for each test, with that gallery."""
    return Kiosk(Path(shutil.copytree(enrolled, tmp_path / "kiosk")), people)


def test_from_dlib_to_the_kiosks_own_and_back_nobody_is_lost(kiosk: Kiosk) -> None:
    with composition.open_gallery(kiosk.settings()) as gallery:
        assert gallery.forget_pictures() == ENROLLED

    # A better recogniser is there now: nobody has templates of it, everybody is known all the same.
    coverage = kiosk.coverage()
    assert (coverage.model.partition("@")[0], coverage.covered) == (NEW, 0)
    assert [(name.partition("@")[0], count) for name, count in coverage.older] == [(OLD, ENROLLED)]
    assert kiosk.everybody_visits() == kiosk.expected

    # Nothing is learnt before somebody says so.
    assert kiosk.upgrade("--status") == []
    (planned,) = kiosk.upgrade("--dry-run")
    assert (planned["waiting"], planned["pictures"]) == (ENROLLED, 0)
    (begun,) = kiosk.upgrade("--from", OLD, "--to", NEW)
    assert (begun["state"], begun["changed"], begun["waiting"]) == ("running", 0, ENROLLED)

    # Two visits of each carry them over; in between both models are in use.
    assert kiosk.everybody_visits() == kiosk.expected
    assert kiosk.upgrade("--status")[0]["begun"] == ENROLLED
    first, second, _stranger = kiosk.people
    assert kiosk.visits([first]) == {first.name: first.name}
    assert kiosk.upgrade("--status")[0]["changed"] == 1
    assert kiosk.resident() == {OLD, NEW}
    assert kiosk.coverage().upgrade == "running"

    # Paused, visits teach nothing.
    assert kiosk.upgrade("--pause")[0]["state"] == "paused"
    assert kiosk.visits([second]) == {second.name: second.name}
    assert kiosk.upgrade("--status")[0]["changed"] == 1
    assert kiosk.upgrade("--resume")[0]["state"] == "running"

    assert kiosk.everybody_visits() == kiosk.expected
    (done,) = kiosk.upgrade("--status")
    assert (done["state"], done["changed"], done["waiting"]) == ("complete", ENROLLED, 0)
    assert kiosk.coverage().complete
    assert kiosk.resident() == {NEW}
    assert kiosk.everybody_visits() == kiosk.expected

    # And back.
    assert kiosk.upgrade("--rollback")[0]["state"] == "rolled_back"
    assert kiosk.coverage().covered == 0
    assert kiosk.visits([first]) == {first.name: first.name}


def test_whoever_was_enrolled_with_the_voice_before_is_known_and_carried_over(
    people: list[DemoPerson], tmp_path: Path
) -> None:
    before, now = "voice-own", "voice-campplus"
    kiosk = Kiosk(tmp_path / "voices", people[:1])
    kiosk.enrol(voice_model=before)
    settings = kiosk.settings()

    def coverage() -> ModelCoverage:
        with composition.open_gallery(settings) as gallery:
            (found,) = (
                each
                for each in composition.coverage(settings, gallery)
                if each.modality is Modality.VOICE
            )
        return found

    assert (coverage().model.partition("@")[0], coverage().covered) == (now, 0)
    kiosk.upgrade("--from", before, "--to", now)
    for _ in range(2):
        assert kiosk.everybody_visits() == kiosk.expected
    (done,) = kiosk.upgrade("--status")
    assert (done["state"], done["changed"], done["waiting"]) == ("complete", 1, 0)
    assert coverage().complete
    assert kiosk.everybody_visits() == kiosk.expected


def test_kept_pictures_make_templates_at_once_where_they_suffice(kiosk: Kiosk) -> None:
    assert kiosk.upgrade("--dry-run")[0]["pictures"] == ENROLLED
    (begun,) = kiosk.upgrade()
    assert (begun["changed"], begun["begun"]) == (0, ENROLLED)
    (done,) = kiosk.upgrade("--pictures-suffice")
    assert (done["state"], done["changed"]) == ("complete", ENROLLED)
    assert kiosk.everybody_visits() == kiosk.expected


def test_the_doctor_and_headless_say_whom_the_model_does_not_know(kiosk: Kiosk) -> None:
    found = {each.what: each for each in examine(kiosk.settings())}
    assert found["voice templates"].state is State.OK
    finding = found["face templates"]
    assert finding.state is State.NOTE
    assert f"2 of 2 enrolled people (100%) have no face templates of {NEW}@" in finding.found
    assert f"{OLD}@" in finding.found
    assert "kiosk gallery upgrade" in finding.remedy
    person, *_ = kiosk.people
    visit = ("--source", str(person.probe), "--to", str(VISIT_SECONDS))
    said = kiosk.run("--headless", "--format", "json", *visit)
    assert json.loads(said.stdout)["name"] == person.name
    (line,) = [each for each in said.stderr.splitlines() if "enrolled people" in each]
    assert finding.found in line
    assert finding.remedy in line


def test_what_cannot_be_upgraded_is_said(people: list[DemoPerson], tmp_path: Path) -> None:
    kiosk = Kiosk(tmp_path, people)
    models = [
        (modality, choose_resident(kiosk.settings(), modality).model_id) for modality in Modality
    ]
    assert models[0][1].startswith(NEW)
    with composition.open_gallery(kiosk.settings()) as gallery:  # nobody has templates of any other
        gallery.enrol("Kim", [template(1, *model) for model in models], EnrolmentKind.NEW)
    for options, error, said in (
        ((), InputError, "nobody to carry over"),
        (("--to", "no-such-model"), ModelError, "no model"),
        (("--to", "inception-vggface2"), ModelError, "inception-vggface2"),
        (("--pause",), InputError, "no such upgrade"),
        (("--pause", "--status"), InputError, "exclude"),
    ):
        with pytest.raises(error, match=said):
            kiosk.upgrade(*options)
    assert kiosk.coverage().complete
    assert Modality.FACE is kiosk.coverage().modality
