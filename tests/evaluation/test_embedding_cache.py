"""What an evaluation keeps of people goes by itself."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import numpy as np

from kiosk.evaluation.extraction.embedding_cache import Store

DAY = 86_400.0
VECTOR = np.linspace(1, 2, 64, dtype=np.float32)


def at(folder: Path, day: float, keep_days: int = 90) -> Store:
    return Store(folder, keep_days, lambda: day * DAY)


def test_what_was_kept_goes_after_its_days_and_leaves_no_bytes(tmp_path: Path) -> None:
    with at(tmp_path, 1000) as store:
        store.put("net@1", "a", VECTOR)
    with at(tmp_path, 1090) as store:
        assert store.get("net@1", "a") is not None
        store.put("net@1", "b", -VECTOR)
    with at(tmp_path, 1091) as store:
        assert store.get("net@1", "a") is None
        assert store.get("net@1", "b") is not None
    content = (tmp_path / "embeddings.db").read_bytes()
    assert VECTOR.tobytes()[:24] not in content
    assert (-VECTOR).tobytes()[:24] in content


def test_a_cache_from_before_begins_to_count(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    old = sqlite3.connect(tmp_path / "embeddings.db")
    old.execute(
        "create table kept (maker text, key text, value blob, primary key (maker, key)) "
        "without rowid"
    )
    old.execute("insert into kept values ('net@1', 'a', ?)", [VECTOR.tobytes()])
    old.commit()
    old.close()
    with at(tmp_path, 1000) as store:
        assert store.get("net@1", "a") is not None
    with at(tmp_path, 1091) as store:
        assert store.get("net@1", "a") is None


def test_a_clock_that_was_wrong_keeps_nothing_for_ever(tmp_path: Path) -> None:
    with at(tmp_path, 9000) as store:
        store.put("net@1", "a", VECTOR)
    with at(tmp_path, 1000) as store:
        assert store.get("net@1", "a") is None
