"""Files that were written once are opened by every later version: letter by letter, as they were.

What is written and read by the same version may change its form without anybody noticing, until a
kiosk is updated and its key, its copies or its record do not fit any more.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kiosk.core.errors import InputError, StorageError
from kiosk.core.signers import Trust
from kiosk.core.template_transform import fingerprint as fingerprint_of_seed
from kiosk.storage.keys import file as keys
from kiosk.storage.keys.backup import read_backup
from kiosk.storage.keys.file import Keeping, read_kept
from kiosk.storage.keys.private import make_folder, write_private
from kiosk.storage.keys.signing import Signing, signature_of
from kiosk.storage.keys.subjects import SubjectKeyFile
from kiosk.storage.keys.transforms import TransformKeyFile
from kiosk.storage.keys.wrapping import Cost, WrongPassphrase, unwrap, wrap
from kiosk.storage.sqlite.trail import chained

PASSPHRASE = "맑은 물 한 그릇"
KEY, SEED = "ab" * 32, bytes(range(32))
COST = {"time": 1, "memory_kib": 64, "lanes": 2}
UNDER = "c69e3c50f8152cc6"
"""By which the key is told from others."""


def test_a_wrapped_secret() -> None:
    wrapped = {
        "argon2id": COST,
        "salt": "52bde6b16776b2d3de3abda16a3ca0a4",
        "nonce": "ddb3b95c62c4840094ce686d",
        "wrapped": "8c1a31e3894b02e8d27fc83324ba848eace891056aad2f06c06144d406d28ba5163a73e74d8e0e"
        "83fce28a518f8d87d2",
    }
    assert unwrap(wrapped, PASSPHRASE, "one") == SEED
    with pytest.raises(WrongPassphrase):
        unwrap(wrapped, PASSPHRASE, "two")
    with pytest.raises(WrongPassphrase):
        unwrap(wrapped | {"argon2id": {**COST, "lanes": 1}}, PASSPHRASE, "one")
    fresh = wrap(SEED, PASSPHRASE, "one", Cost(1, 64, 2))
    assert list(fresh) == list(wrapped)
    assert {name: len(str(fresh[name])) for name in fresh} == {
        name: len(str(wrapped[name])) for name in wrapped
    }
    assert fresh["argon2id"] == COST
    assert wrap(SEED, PASSPHRASE, "one")["argon2id"] == {
        "time": 3,
        "memory_kib": 65536,
        "lanes": 4,
    }


def test_a_key_under_a_passphrase(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    form = {
        "kiosk_key": 1,
        "kind": "passphrase",
        "argon2id": COST,
        "salt": "90d87de029fd16f0b314ddba51aa857f",
        "nonce": "8d7324849d0c73c088fc5ef5",
        "wrapped": "dc5e10ea0313abedc6d9e4a3eeaa04564d5418eee76598b775ee306b81ae99566fdde6b88095c8"
        "c4c97231ede9738b59",
    }
    make_folder(tmp_path / "lent")
    write_private(tmp_path / "lent" / "kiosk-passphrase", PASSPHRASE + "\n")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path / "lent"))
    file = tmp_path / "gallery.key"
    write_private(file, json.dumps(form))
    kept = read_kept(file)
    assert (kept.key, kept.keeping, kept.entry) == (KEY, Keeping.PASSPHRASE, "")
    assert kept.passphrase == PASSPHRASE
    assert repr(kept) == "KeptKey(passphrase)"
    assert keys.keeping_of(file) is Keeping.PASSPHRASE
    (tmp_path / "lent" / "kiosk-passphrase").unlink()
    assert read_kept(file) == kept  # a process asks once


def test_a_key_in_its_file(tmp_path: Path) -> None:
    file = tmp_path / "config" / "gallery.key"
    keys.keep_key(file, KEY, Keeping.FILE)
    assert file.read_text("utf-8") == KEY + "\n"
    keys.keep_key(file, "cd" * 32, Keeping.FILE)
    assert read_kept(file).key == KEY, "never in place of another"
    keys.keep_key(file, "cd" * 32, Keeping.FILE, replace=True)
    assert (read_kept(file).key, read_kept(file).keeping) == ("cd" * 32, Keeping.FILE)
    assert keys.fingerprint(KEY) == UNDER
    assert keys.next_file(file) == file.with_name("gallery.key.next")
    made = keys.make_key(file.with_name("other.key"))
    assert len(bytes.fromhex(made)) == 32
    assert made == keys.make_key(file.with_name("other.key"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        KEY[:-1],
        KEY + "0",
        KEY.upper(),
        "[]",
        "7",
        '{"kiosk_key": 2, "kind": "keyring", "entry": "gallery-0123456789abcdef"}',
        '{"kiosk_key": 1}',
        '{"kiosk_key": 1, "kind": 7}',
        '{"kiosk_key": 1, "kind": "drawer"}',
        '{"kiosk_key": 1, "kind": "keyring"}',
        '{"kiosk_key": 1, "kind": "keyring", "entry": "gallery-0123"}',
        "[" * 100_000,
    ],
)
def test_what_is_no_key_is_named(tmp_path: Path, text: str) -> None:
    file = tmp_path / "gallery.key"
    write_private(file, text)
    with pytest.raises(StorageError, match=r"gallery\.key holds no key \(64 hex"):
        read_kept(file)


def test_a_copy_of_the_key(tmp_path: Path) -> None:
    form = {
        "kiosk_key_backup": 1,
        "fingerprint": UNDER,
        "argon2id": COST,
        "salt": "b19e909eb972188f9cae07a22b35c6d7",
        "nonce": "f587cbaf161c8a339cbabe73",
        "wrapped": "ef94fb344d78cf52366ee491846c9bdaa64a92b69641446ab696721a4febe520f035f7565b30e1"
        "a2c4d77d6888d6ae31d06819f4b6a68d9ec5853c18028288a3ae3572035077355553833b6138ebcaa8",
    }
    file = tmp_path / "copy.json"
    file.write_text(json.dumps(form), encoding="utf-8")
    copy = read_backup(file, PASSPHRASE)
    assert (copy.key, copy.seed) == (KEY, SEED)
    assert KEY not in repr(copy)
    for change in ({"fingerprint": "00" * 8}, {"fingerprint": None}):
        file.write_text(json.dumps(form | change), encoding="utf-8")
        with pytest.raises(InputError, match="is damaged"):
            read_backup(file, PASSPHRASE)
    for version in (2, None):
        file.write_text(json.dumps(form | {"kiosk_key_backup": version}), encoding="utf-8")
        with pytest.raises(InputError, match="is no copy of a key"):
            read_backup(file, PASSPHRASE)


def test_the_keys_of_templates(tmp_path: Path) -> None:
    entry = {
        "fingerprint": "e2afcc1113cbe7d6",
        "under": UNDER,
        "nonce": "1193aa692b82b3a8ad9f61e2",
        "sealed": "957cedc2996175866ba0c99e56ac3504710f7902b91a8a651ab22590796421385dc2ef53f85bb460"
        "a1bad5f16ce47464",
    }
    file = tmp_path / "gallery.templates"
    write_private(file, json.dumps({"kiosk_template_keys": 1, "keys": [entry]}))
    held = TransformKeyFile(file, lambda: KEY)
    assert fingerprint_of_seed(SEED) == "e2afcc1113cbe7d6"
    assert held.seed("e2afcc1113cbe7d6") == SEED
    held.add(SEED)
    (again,) = json.loads(file.read_text("utf-8"))["keys"]
    assert {name: again[name] for name in ("fingerprint", "under")} == {
        name: entry[name] for name in ("fingerprint", "under")
    }
    assert len(again["sealed"]) == len(entry["sealed"])
    assert again["nonce"] != entry["nonce"]
    assert file.stat().st_mode & 0o777 == 0o600


def test_the_keys_of_people(tmp_path: Path) -> None:
    head = (
        b'{"under": "c69e3c50f8152cc6", "nonce": "41fdaec27d16ae56f81d2de2", "sealed": "53239a86563'
        b"8af19524f487af6c4498e50f863e34d02465db1b644c16b3081d93d17d93d834cebaf13c78759cd621123"
        b'"}'
    )
    slot = bytes.fromhex(
        "0100000000000000074c1a60744d18ce7ef767a9bd7385aedb4b920b1d717c5f7a5efeac7479bafda2a07847a9"
        "8670c98fd2be59a84ed6627bddfd57e1c8d8cae587d9a5ca"
    )
    file = tmp_path / "gallery.people"
    write_private(file, head.ljust(1024, b"\0") + slot.ljust(128, b"\0"))
    (key,) = SubjectKeyFile(file, lambda: KEY).all()
    assert key.subject_id == 7
    assert key.key.hex() == "485439bdad973bd96982a0148e7480e7b76b088ac554ba49cda53f5bc5275815"


def test_a_signature(tmp_path: Path) -> None:
    archive = tmp_path / "people.kiosk"
    archive.write_bytes(b"people")
    form = {
        "public": "fc947730f49eb01427a66e050733294d9e520e545c7a27125a780634e0860a27",
        "signature": "8d532fdb2feb1303eb5c47493415a446b01eeae98e64443d403cbaa40d501a49b51c1d152641"
        "f2c135ff0b2bc65df58bee7a66c2f52522a86cf93ae419271502",
    }
    signature_of(archive).write_text(json.dumps(form), encoding="utf-8")
    here = Signing(tmp_path / "keys")
    told = here.verify(archive)
    assert told.trust is Trust.UNKNOWN
    assert told.fingerprint == "dfa4 d8db 59a4 d631 5c6e 7ac8 7688 71ee"
    make_folder(tmp_path / "keys")
    write_private(tmp_path / "keys" / "signing.key", "cd" * 32 + "\n")
    assert here.identity() == form["public"]
    assert here.verify(archive).trust is Trust.OWN
    signature_of(archive).unlink()
    assert here.sign(archive)
    assert json.loads(signature_of(archive).read_text("utf-8")) == form
    assert signature_of(archive) == tmp_path / "people.kiosk.sig"


def test_a_link_of_the_record() -> None:
    link = chained("", 1, "2026-01-01T00:00:00.000000+00:00", "enrolled", "00" * 32)
    assert link == "7aad17a646946e61c746796a0ec2a1a6377d10826ce4dfa5da97dfbd3f1b0991"
