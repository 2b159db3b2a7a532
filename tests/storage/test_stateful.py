"""The galleries of one kiosk against a plain model of one (`tests.support.gallery_model`)."""

from hypothesis.stateful import invariant

from kiosk.core.media import Modality
from kiosk.storage import MemoryGallery, SqlGallery
from kiosk.storage.resident.cache import Residents
from kiosk.storage.sqlite.vector_forms import form_of
from tests.support.gallery_model import LIMITS, GalleryAgainstModel
from tests.support.storage_support import plain_database, template


class SqliteAgainstModel(GalleryAgainstModel):
    gallery: SqlGallery

    def opened(self) -> SqlGallery:
        return SqlGallery(plain_database())

    @invariant()
    def the_matrix_is_what_a_fresh_load_gives(self) -> None:
        for modality in Modality:
            kept = self.gallery.references(modality, "net")
            fresh = Residents(self.gallery.database, lambda: form_of(self.gallery.database))
            loaded = fresh.get(modality, "net")
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


class MemoryAgainstModel(GalleryAgainstModel):
    def opened(self) -> MemoryGallery:
        return MemoryGallery()


TestSqliteAgainstModel = SqliteAgainstModel.TestCase
TestSqliteAgainstModel.settings = LIMITS
TestMemoryAgainstModel = MemoryAgainstModel.TestCase
TestMemoryAgainstModel.settings = LIMITS
