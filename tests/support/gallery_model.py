"""A plain model of a gallery, against which every gallery is held: whatever is done, in whatever
order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from kiosk.core.decisions import Candidate, Decision, DecisionOutcome
from kiosk.core.errors import InputError
from kiosk.core.media import Modality
from kiosk.core.records import Consent, Corrector, DecisionRecord
from kiosk.core.samples import Probe
from kiosk.storage.postgres.gallery import PostgresGallery
from tests.support.storage_support import (
    ADD,
    FACE,
    NEW,
    REPLACE,
    VOICE,
    AnyGallery,
    template,
    unit,
)

NAMES = st.sampled_from(["Ann", "Bob", "김민준"])
MODALITIES = st.sampled_from([FACE, VOICE])
LIMITS = settings(max_examples=25, stateful_step_count=20, deadline=None)


@dataclass(frozen=True)
class State:
    """The templates in use of one subject, and what they were before each enrolment in force."""

    active: frozenset[tuple[Modality, int]]
    before: State | None = field(default=None, compare=False)
    mixed: bool = False

    @property
    def is_mixed(self) -> bool:
        """Whether this follows from two subjects becoming one."""
        return self.mixed and self.before is None


class GalleryAgainstModel(RuleBasedStateMachine):
    """What every implementation of the ports does; `opened` gives an empty one."""

    def __init__(self) -> None:
        super().__init__()
        self.gallery = self.opened()
        self.model: dict[str, State] = {}
        self.consented: Counter[str] = Counter()
        self.visits: list[tuple[int, str, bool]] = []
        self.pictured: set[str] = set()
        self.seed = 0

    def opened(self) -> AnyGallery | PostgresGallery:
        raise NotImplementedError

    def teardown(self) -> None:
        self.gallery.close()

    def fresh(self, modality: Modality, count: int) -> list[tuple[Modality, int]]:
        self.seed += count
        return [(modality, self.seed - offset) for offset in range(count)]

    @rule(name=NAMES, modality=MODALITIES, count=st.integers(1, 3))
    def enrol(self, name: str, modality: Modality, count: int) -> None:
        new = self.fresh(modality, count)
        given = [template(seed, kind, source=str(seed)) for kind, seed in new]
        if name in self.model:
            self.refuses(lambda: self.gallery.enrol(name, given, NEW))
            return
        self.gallery.enrol(name, given, NEW)
        self.model[name] = State(frozenset(new))

    @rule(name=NAMES, modality=MODALITIES, count=st.integers(1, 3), replacing=st.booleans())
    def re_enrol(self, name: str, modality: Modality, count: int, replacing: bool) -> None:
        new = self.fresh(modality, count)
        given = [template(seed, kind, source=str(seed)) for kind, seed in new]
        kind = REPLACE if replacing else ADD
        if name not in self.model:
            self.refuses(lambda: self.gallery.enrol(name, given, kind))
            return
        self.gallery.enrol(name, given, kind)
        state = self.model[name]
        kept = {each for each in state.active if not replacing or each[0] is not modality}
        self.model[name] = State(frozenset(kept | set(new)), state)

    @rule(name=NAMES)
    def roll_back(self, name: str) -> None:
        state = self.model.get(name)
        if state is not None and state.is_mixed:
            return
        if state is None or state.before is None:
            self.refuses(lambda: self.gallery.roll_back(name))
            return
        self.gallery.roll_back(name)
        self.model[name] = state.before

    @rule(name=NAMES)
    def remove(self, name: str) -> None:
        if name not in self.model:
            self.refuses(lambda: self.gallery.remove(name))
            return
        self.gallery.remove(name)
        del self.model[name], self.consented[name]
        self.pictured.discard(name)
        self.visits = [visit for visit in self.visits if visit[1] != name]

    @precondition(lambda self: self.model)
    @rule(names=st.permutations(["Ann", "Bob", "김민준"]))
    def rename(self, names: list[str]) -> None:
        old, new = names[:2]
        if old not in self.model or new in self.model:
            self.refuses(lambda: self.gallery.rename(old, new))
            return
        self.gallery.rename(old, new)
        self.model[new] = self.model.pop(old)
        self.consented[new] = self.consented.pop(old, 0)
        self.pictured = {new if name == old else name for name in self.pictured}
        self.visits = [(n, new if who == old else who, w) for n, who, w in self.visits]

    @rule(names=st.permutations(["Ann", "Bob", "김민준"]))
    def join(self, names: list[str]) -> None:
        kept, other = names[:2]
        if kept not in self.model or other not in self.model:
            self.refuses(lambda: self.gallery.join(kept, other))
            return
        steps = len(self.gallery.history(kept)) + len(self.gallery.history(other))
        self.gallery.join(kept, other)
        assert len(self.gallery.history(kept)) == steps
        one, two = self.model[kept], self.model.pop(other)
        # Steps of both now lie in one row, in the order in which they were taken: what undoing
        # them gives is tested in test_people, here the row begins anew.
        self.model[kept] = State(one.active | two.active, mixed=True)
        self.consented[kept] += self.consented.pop(other, 0)
        if other in self.pictured:
            self.pictured = (self.pictured - {other}) | {kept}
        self.visits = [(n, kept if who == other else who, w) for n, who, w in self.visits]

    @precondition(lambda self: self.model)
    @rule(name=NAMES)
    def consent(self, name: str) -> None:
        given = Consent(datetime(2026, 1, 1, tzinfo=UTC), "1", "en", "I agree.")
        if name not in self.model:
            self.refuses(lambda: self.gallery.give_consent(name, given))
            return
        self.gallery.give_consent(name, given)
        self.consented[name] += 1

    @rule(name=NAMES)
    def withdraw(self, name: str) -> None:
        if all(each.withdrawn for each in self.consents_of(name)):
            self.refuses(lambda: self.gallery.withdraw_consent(name))
            return
        self.gallery.withdraw_consent(name)
        assert all(each.withdrawn for each in self.gallery.consents(name))

    def consents_of(self, name: str) -> list[Consent]:
        return self.gallery.consents(name) if name in self.model else []

    @precondition(lambda self: self.model)
    @rule(name=NAMES, seed=st.integers(0, 3))
    def visit(self, name: str, seed: int) -> None:
        if name not in self.model:
            return
        top = Candidate(self.gallery.subject(name).subject_id, name, 5.0, 0.99, face_score=0.7)
        made = Decision(DecisionOutcome.IDENTIFIED, (top,), (FACE,), 0.99)
        self.visits.append((self.gallery.record(made, [probe(seed)]), name, False))

    @precondition(lambda self: self.visits)
    @rule(choice=st.integers(0, 99), wrong=st.booleans())
    def correct(self, choice: int, wrong: bool) -> None:
        place = choice % len(self.visits)
        number, name, _ = self.visits[place]
        if wrong:
            self.gallery.mark_wrong(number, Corrector.STAFF)
        else:
            self.gallery.unmark_wrong(number)
        self.visits[place] = (number, name, wrong)

    @rule(name=NAMES, modality=MODALITIES)
    def be_pictured(self, name: str, modality: Modality) -> None:
        if name in self.model:
            [(kind, seed)] = self.fresh(modality, 1)
            given = [template(seed, kind, source=str(seed))]
            self.gallery.enrol(name, given, ADD, picture=b"jpeg")
            state = self.model[name]
            self.model[name] = State(state.active | {(kind, seed)}, state)
            self.pictured.add(name)

    def refuses(self, action: Callable[[], object]) -> None:
        try:
            action()
        except InputError:
            return
        raise AssertionError("was not refused")

    @invariant()
    def the_same_templates_are_in_use(self) -> None:
        found = {
            subject.name: frozenset(
                (each.modality, int(each.source))
                for each in self.gallery.templates(subject.subject_id)
            )
            for subject in self.gallery.subjects()
        }
        assert found == {name: state.active for name, state in self.model.items()}

    @invariant()
    def the_record_is_complete(self) -> None:
        told = [
            (each.decision_id, each.name, each.correction is not None) for each in self.record()
        ]
        assert sorted(told) == sorted(self.visits)
        wrong = {number for number, _, wrong in self.visits if wrong}
        mismatches = self.gallery.reported_mismatches(FACE, "net")
        assert {each.decision_id for each in mismatches} == wrong
        for name in self.model:
            right = [number for number, who, wrong in self.visits if who == name and not wrong]
            subject = self.gallery.subject(name).subject_id
            assert len(self.gallery.probes(subject, 1000)) == len(right)
            assert len(self.gallery.consents(name)) == self.consented[name]

    def record(self) -> list[DecisionRecord]:
        return self.gallery.decisions(1000)

    @invariant()
    def everyone_is_summed_up(self) -> None:
        for each in self.gallery.summaries():
            name, active = each.subject.name, self.model[each.subject.name].active
            counts = Counter(modality for modality, _ in active)
            assert (each.face_templates, each.voice_templates) == (counts[FACE], counts[VOICE])
            assert (each.consent is not None) == bool(self.consented[name])
            right = [who for _, who, wrong in self.visits if who == name and not wrong]
            assert (each.last_seen is not None) == bool(right)
            pictures = self.gallery.pictures([each.subject.subject_id])
            assert bool(pictures) == (name in self.pictured)

    @invariant()
    def a_search_finds_the_best_of_all(self) -> None:
        for modality in Modality:
            asked = probe(0, modality)
            wanted = dict(sorted(self.plain_scores(asked).items(), key=lambda item: -item[1]))
            for limit in (1, 2, 99):
                found = self.gallery.scores(asked, limit)
                assert found.subject_ids.tolist() == sorted(list(wanted)[:limit])
                expected = [wanted[each] for each in found.subject_ids.tolist()]
                assert np.allclose(found.scores, expected, atol=1e-3)
                assert found.left_out == len(wanted) - len(found.subject_ids)
                assert found.left_out == 0 or found.bound <= found.scores.min()
            one = self.gallery.scores_of(asked, np.array([*wanted, 10**12], dtype=np.int64))
            assert one.subject_ids.tolist() == sorted(wanted)
        people = sum(
            1 for name, state in self.model.items() if state.active and not self.took_back(name)
        )
        assert self.gallery.population([(each, "net") for each in Modality]) == people

    def took_back(self, name: str) -> bool:
        """Whether somebody's every consent was taken back."""
        given = self.gallery.consents(name)
        return bool(given) and all(each.withdrawn for each in given)

    def plain_scores(self, asked: Probe) -> dict[int, float]:
        """Of each subject, from its templates: a face by their centroid, a voice by the blend of
        best and mean. Whoever took every consent back is not compared."""
        found = {}
        for subject in self.gallery.subjects():
            if self.took_back(subject.name):
                continue
            rows = [
                each.vector
                for each in self.gallery.templates(subject.subject_id)
                if each.modality is asked.modality
            ]
            if rows and asked.modality is FACE:
                total = np.sum(rows, axis=0)
                found[subject.subject_id] = float(total @ asked.vector / np.linalg.norm(total))
            elif rows:
                cosines = [float(row @ asked.vector) for row in rows]
                found[subject.subject_id] = (max(cosines) + sum(cosines) / len(cosines)) / 2
        return found


def probe(seed: int, modality: Modality = FACE) -> Probe:
    return Probe(modality, "net", unit(seed), 0.5, 1)
