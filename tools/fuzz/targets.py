"""Each target reads bytes as one kind of file from outside. It may refuse them in our words
(KnownError, but no BugError); anything else that comes out of it is a finding.
"""

from __future__ import annotations

import json
import pickle
import tempfile
from collections.abc import Callable
from pathlib import Path

from safetensors.numpy import save

from kiosk.core.errors import BugError, KnownError
from kiosk.core.settings_layers import read_layers
from kiosk.evaluation.extraction.embedding_cache import Store
from kiosk.inference.checkpoint import describe, read_cohort, read_tensors
from kiosk.inference.manifest import load_manifest
from kiosk.runtime.delivery.secret_file import read_secrets
from kiosk.storage.keys.backup import read_backup
from kiosk.storage.keys.file import read_kept
from kiosk.storage.keys.signing import Signing
from kiosk.storage.keys.subjects import SubjectKeyFile
from kiosk.storage.keys.transforms import TransformKeyFile
from kiosk.storage.sqlite.archive import checked_archive
from kiosk.training.voice.data import read_features

Target = Callable[[Path], object]


def _settings(file: Path) -> object:
    return read_layers(file, {}, {}).settings()


def _weights(file: Path) -> object:
    describe(file)
    read_cohort(file)
    return read_tensors(file)


def _signature(file: Path) -> object:
    archive = file.with_suffix(".kiosk")
    archive.write_bytes(b"an archive")
    file.replace(archive.with_name(archive.name + ".sig"))
    return Signing(file.parent / "keys").verify(archive)


def _key(file: Path) -> object:
    file.chmod(0o600)
    return read_kept(file)


def _template_keys(file: Path) -> object:
    file.chmod(0o600)
    return TransformKeyFile(file, lambda: "00" * 32).seed("0" * 16)


def _subject_keys(file: Path) -> object:
    file.chmod(0o600)
    keys = SubjectKeyFile(file, lambda: "00" * 32)
    keys.condemn(1)
    keys.destroy(1)
    return keys.all()


def _cache(file: Path) -> object:
    folder = file.parent / "cache"
    folder.mkdir(mode=0o700)
    file.replace(folder / "embeddings.db")
    with Store(folder, 90) as store:
        return store.get("net@1", "a")


def _features(file: Path) -> object:
    return read_features(file)


def _event_secrets(file: Path) -> object:
    file.chmod(0o600)
    return read_secrets(file)


TARGETS: dict[str, Target] = {
    "settings": _settings,
    "manifest": load_manifest,
    "weights": _weights,
    "archive": lambda file: checked_archive(file, "passphrase"),
    "signature": _signature,
    "features": _features,
    "event-secrets": _event_secrets,
    "key": _key,
    "key-backup": lambda file: read_backup(file, "passphrase"),
    "template-keys": _template_keys,
    "subject-keys": _subject_keys,
    "evaluation-cache": _cache,
}


def seeds() -> dict[str, list[bytes]]:
    """Something right for each, and the odd things that were found."""
    import numpy as np

    wrapped = {
        "argon2id": {"time": 1, "memory_kib": 8, "lanes": 1},
        "salt": "00" * 16,
        "nonce": "00" * 12,
        "wrapped": "00" * 48,
    }
    entry = {"fingerprint": "0" * 16, "under": "0" * 16, "nonce": "00" * 12, "sealed": "00" * 48}
    deep = b"[" * 5000
    forms: dict[str, dict[str, object]] = {
        "signature": {"public": "00" * 32, "signature": "00" * 64},
        "key": {"kiosk_key": 1, "kind": "keyring", "entry": "gallery-" + "0" * 16},
        "key-backup": {"kiosk_key_backup": 1, "fingerprint": "0" * 16} | wrapped,
        "template-keys": {"kiosk_template_keys": 1, "keys": [entry]},
    }
    found = {
        name: [json.dumps(form).encode(), deep, b"{}", b"[]", b"1"] for name, form in forms.items()
    }
    free = {**forms["key-backup"], "argon2id": {"time": 0, "memory_kib": 8, "lanes": 1}}
    found["key-backup"].append(json.dumps(free).encode())
    found["settings"] = [b'language = "ko"\nkeep_days = 30\n', b"a = " + deep, b"\xff\xfe"]
    found["manifest"] = [
        b'[models.x]\nrole = "embedder"\norigin = "shipped"\nfile = "x"\n',
        b"models = 1\n",
        b"[models]\nx = 1\n",
        b"models = " + deep,
        b"\xff",
    ]
    weights = save({"a": np.zeros((2, 3), np.float16), "cohort": np.eye(3, dtype=np.float32)})
    found["weights"] = [weights, weights[:20], b"\xff" * 16, b"\0" * 8 + b"{}"]
    found["archive"] = [b"", b"SQLite format 3\0" + b"\0" * 4080, b"x" * 8192]
    bands = np.zeros((3, 40), np.float32)
    objects = np.array([None, {}], dtype=object)
    found["features"] = [
        pickle.dumps({"feat": bands, "label": "a"}),
        pickle.dumps({"feat": objects, "label": "a"}),
        pickle.dumps(print),
        b"\x80\x04}r\xff\xff\xff\x7f.",
    ]
    found["subject-keys"] = [_file_of_keys(), _file_of_keys()[:1100], deep, b"\1" * 1500, b""]
    found["event-secrets"] = [b'webhook = "x"\n', b"a = " + deep, b"\xff"]
    found["evaluation-cache"] = [b"", b"SQLite format 3\0" + b"\0" * 4080, b"x" * 100]
    return found


def _file_of_keys() -> bytes:
    """Of three people, under the key of noughts."""
    with tempfile.TemporaryDirectory() as folder:
        keys = SubjectKeyFile(Path(folder) / "gallery.people", lambda: "00" * 32)
        keys.make_for([1, 2, 3])
        return keys.file.read_bytes()


def read(target: str, content: bytes) -> str:
    """Read bytes as one kind of file: what was said, empty if they were right. Whatever is no word
    of ours is raised."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "given"
        file.write_bytes(content)
        try:
            TARGETS[target](file)
        except BugError:
            raise
        except KnownError as error:
            return f"{error.text} {error.remedy}"
    return ""
