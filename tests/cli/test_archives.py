"""Archives as they come from elsewhere: who made them, who would come in, and what is asked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kiosk.cli.main import cli
from kiosk.core.errors import InputError
from kiosk.core.signers import Trust
from kiosk.storage import SqlGallery
from kiosk.storage.keys.signing import Signing, signature_of
from tests.support.consents import AGREED
from tests.support.storage_support import NEW, template

SECRET = "넷 강물 우산 모퉁이"


class Place:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.paths = folder / "data" / "gallery.db", folder / "config" / "gallery.key"
        SqlGallery.open(*self.paths).close()
        (folder / "secret.txt").write_text(SECRET, "utf-8")

    def enrol(self, name: str, seed: int) -> None:
        gallery = SqlGallery.open(*self.paths)
        gallery.enrol(name, [template(seed)], NEW, consent=AGREED)
        gallery.close()

    def names(self) -> list[str]:
        gallery = SqlGallery.open(*self.paths)
        try:
            return [subject.name for subject in gallery.subjects()]
        finally:
            gallery.close()

    def kiosk(self, *words: str, typed: str = "") -> Result:
        places = [f"database={self.paths[0]}", f"key_file={self.paths[1]}"]
        options = [word for each in places for word in ("--set", each)]
        return CliRunner().invoke(cli, [*options, *words], input=typed)

    def carry(self, command: str, file: Path, *words: str, typed: str = "") -> Result:
        secret = ("--passphrase-file", str(self.folder / "secret.txt"))
        return self.kiosk("gallery", command, str(file), *secret, *words, typed=typed)


@pytest.fixture
def here(tmp_path: Path) -> Place:
    made = Place(tmp_path / "here")
    made.enrol("한바다", 7)
    return made


@pytest.fixture
def there(tmp_path: Path) -> Place:
    made = Place(tmp_path / "there")
    made.enrol("김민준", 7)  # the same face as 한바다
    made.enrol("Ann", 8)
    return made


def test_who_would_come_in_and_whom_they_resemble_is_shown_first(
    here: Place, there: Place, tmp_path: Path
) -> None:
    file = tmp_path / "people.kiosk"
    assert there.carry("export", file).exit_code == 0
    refused = here.carry("import", file, typed="n\n")
    assert "김민준" in refused.stderr
    assert "한바다 1.00" in refused.stderr
    assert "unsigned" in refused.stderr
    assert here.names() == ["한바다"]
    assert here.carry("import", file, typed="y\n").exit_code == 0
    assert sorted(here.names()) == ["Ann", "김민준", "한바다"]


def test_a_name_that_is_taken_is_marked_and_nobody_comes(
    here: Place, there: Place, tmp_path: Path
) -> None:
    file = tmp_path / "people.kiosk"
    here.enrol("Ann", 30)
    there.carry("export", file)
    done = here.carry("import", file, typed="y\n")
    assert isinstance(done.exception, InputError)
    assert "nobody was imported" in str(done.exception)


def test_who_made_it_is_told_by_the_name_they_are_trusted_by(
    here: Place, there: Place, tmp_path: Path
) -> None:
    file = tmp_path / "people.kiosk"
    made = json.loads(there.kiosk("key", "sign-identity", "--json").stdout)
    assert there.carry("export", file).exit_code == 0
    assert "unknown signer" in here.carry("import", file, typed="n\n").stderr
    assert here.kiosk("key", "trust", made["public"], "front desk").exit_code == 0
    shown = here.carry("import", file, typed="n\n").stderr
    assert "front desk trusted signer" in " ".join(shown.split())
    assert Signing(there.paths[1].parent).verify(file).trust is Trust.OWN


@pytest.mark.parametrize("changed", ["archive", "signature", "public", "rubbish"])
def test_a_signature_that_does_not_fit_is_refused(
    here: Place, there: Place, tmp_path: Path, changed: str
) -> None:
    file = tmp_path / "people.kiosk"
    there.kiosk("key", "sign-identity")
    there.carry("export", file)
    beside = signature_of(file)
    form = json.loads(beside.read_text())
    if changed == "archive":
        content = bytearray(file.read_bytes())
        content[5000] ^= 1
        file.write_bytes(content)
    elif changed == "rubbish":
        beside.write_bytes(b"\xff" * 100)
    else:
        turned = form[changed][:-1] + ("0" if form[changed][-1] != "0" else "1")
        beside.write_text(json.dumps(form | {changed: turned}))
    done = here.carry("import", file, "--yes")
    assert isinstance(done.exception, InputError)
    assert here.names() == ["한바다"]


def test_an_old_signature_does_not_stay_beside_a_new_unsigned_archive(
    there: Place, tmp_path: Path
) -> None:
    file = tmp_path / "people.kiosk"
    there.kiosk("key", "sign-identity")
    there.carry("export", file)
    (there.paths[1].parent / "signing.key").unlink()
    there.carry("export", file, "--force")
    assert not signature_of(file).exists()
