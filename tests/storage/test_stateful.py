"""The gallery against a plain model of it: whatever is done, in whatever order."""

from collections.abc import Callable
from dataclasses import dataclass, field

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from kiosk.core.errors import InputError
from kiosk.core.media import Modality
from kiosk.storage import SqlGallery
from kiosk.storage.resident.cache import Residents
from tests.support.storage_support import ADD, FACE, NEW, REPLACE, VOICE, plain_database, template

NAMES = st.sampled_from(["Ann", "Bob", "김민준"])
MODALITIES = st.sampled_from([FACE, VOICE])


@dataclass(frozen=True)
class State:
    """The templates in use of one subject, and what they were before each enrolment in force."""

    active: frozenset[tuple[Modality, int]]
    before: "State | None" = field(default=None, compare=False)


class GalleryAgainstModel(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.gallery = SqlGallery(plain_database())
        self.model: dict[str, State] = {}
        self.seed = 0

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
        del self.model[name]

    @precondition(lambda self: self.model)
    @rule(names=st.permutations(["Ann", "Bob", "김민준"]))
    def rename(self, names: list[str]) -> None:
        old, new = names[:2]
        if old not in self.model or new in self.model:
            self.refuses(lambda: self.gallery.rename(old, new))
            return
        self.gallery.rename(old, new)
        self.model[new] = self.model.pop(old)

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
    def the_matrix_is_what_a_fresh_load_gives(self) -> None:
        for modality in Modality:
            kept = self.gallery.references(modality, "net")
            loaded = Residents(self.gallery.database).get(modality, "net")
            assert kept.template_ids() == loaded.template_ids()
            probe = template(0).vector
            subjects = [sorted(each.compare(probe)[0].tolist()) for each in (kept, loaded)]
            scores = [sorted(each.compare(probe)[1].tolist()) for each in (kept, loaded)]
            assert subjects[0] == subjects[1]
            assert len(scores[0]) == len(scores[1])
            assert all(abs(a - b) < 1e-6 for a, b in zip(*scores, strict=True))

    @invariant()
    def nothing_dangles(self) -> None:
        assert self.gallery.problems() == []


TestGalleryAgainstModel = GalleryAgainstModel.TestCase
TestGalleryAgainstModel.settings = settings(max_examples=25, stateful_step_count=20, deadline=None)
