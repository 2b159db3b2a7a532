"""Who made an archive: a signature says so, for that archive alone."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk.core.errors import InputError, StorageError
from kiosk.core.signers import Trust
from kiosk.storage.keys.signing import Signing, fingerprint, signature_of

CONTENT = b"people" * 1000


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    file = tmp_path / "people.kiosk"
    file.write_bytes(CONTENT)
    return file


@pytest.fixture
def here(tmp_path: Path) -> Signing:
    return Signing(tmp_path / "here" / "keys")


@pytest.fixture
def there(tmp_path: Path) -> Signing:
    return Signing(tmp_path / "there" / "keys")


def test_the_identity_is_made_once(here: Signing) -> None:
    assert here.identity() is None
    made = here.make_identity()
    assert here.identity() == made == here.make_identity()
    assert len(bytes.fromhex(made)) == 32


def test_without_an_identity_nothing_is_signed_and_no_old_signature_stays(
    here: Signing, archive: Path
) -> None:
    signature_of(archive).write_text("of what was there before", "utf-8")
    assert not here.sign(archive)
    assert not signature_of(archive).exists()
    assert here.verify(archive).trust is Trust.UNSIGNED


def test_a_signer_is_this_kiosk_known_or_unknown(
    here: Signing, there: Signing, archive: Path
) -> None:
    public = here.make_identity()
    assert here.sign(archive)
    own = here.verify(archive)
    assert (own.trust, own.fingerprint) == (Trust.OWN, fingerprint(public))
    stranger = there.verify(archive)
    assert (stranger.trust, stranger.name) == (Trust.UNKNOWN, "")
    assert there.trust(f" {public.upper()}\n", "Front door") == stranger.fingerprint
    known = there.verify(archive)
    assert (known.trust, known.name) == (Trust.TRUSTED, "Front door")
    again = Signing(there._trusted.parent)
    again.trust(Signing(archive.parent / "third").make_identity(), "Back door")
    assert there.verify(archive).name == "Front door"


def test_a_signature_holds_for_one_archive_and_one_purpose(here: Signing, archive: Path) -> None:
    here.make_identity()
    here.sign(archive)
    archive.write_bytes(CONTENT + b"one more")
    with pytest.raises(InputError, match="no signature of this archive"):
        here.verify(archive)
    # As something else might be signed with the same key: the content without its purpose.
    archive.write_bytes(CONTENT)
    key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(here._key.read_text("utf-8")))
    form = json.loads(signature_of(archive).read_text("utf-8"))
    form["signature"] = key.sign(hashlib.sha256(CONTENT).digest()).hex()
    signature_of(archive).write_text(json.dumps(form), "utf-8")
    with pytest.raises(InputError, match="no signature of this archive"):
        here.verify(archive)


@pytest.mark.parametrize("said", ["", "{}", "[1]", '{"public": "00", "signature": "zz"}'])
def test_nonsense_is_no_signature(here: Signing, archive: Path, said: str) -> None:
    signature_of(archive).write_text(said, "utf-8")
    with pytest.raises(InputError):
        here.verify(archive)


def test_damaged_keys_and_lists_are_named(here: Signing, archive: Path) -> None:
    public = here.make_identity()
    with pytest.raises(InputError, match="no public key"):
        here.trust("0123", "Front door")
    here.trust(public, "Front door")
    here._trusted.write_text("[]", "utf-8")
    with pytest.raises(StorageError, match="damaged"):
        here.trust(public, "Front door")
    here._key.write_text("nonsense", "utf-8")
    with pytest.raises(StorageError, match="no signing key"):
        here.sign(archive)


def test_a_fingerprint_is_read_out_in_groups_of_four() -> None:
    groups = fingerprint("00" * 32).split(" ")
    assert [len(each) for each in groups] == [4] * 8
    assert fingerprint("01" * 32).split(" ")[0] != groups[0]


def test_several_signers_are_trusted_by_the_names_they_were_given_last(
    here: Signing, there: Signing, archive: Path
) -> None:
    public = here.make_identity()
    here.sign(archive)
    other = Signing(archive.parent / "third").make_identity()
    there.trust(public, "Front door")
    there.trust(other, "Back\x1b door" + "!" * 100)
    assert there.verify(archive).name == "Front door"
    there.trust(public, "정문")
    assert there.verify(archive).name == "정문"
    kept = json.loads(there._trusted.read_text("utf-8"))
    assert set(kept) == {public, other}
    assert len(kept[other]) == 80
    assert "정문" in there._trusted.read_text("utf-8")
    assert there._trusted.stat().st_mode & 0o777 == 0o600
