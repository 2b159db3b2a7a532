"""The cache of an evaluation: what was computed of a file, by the file's content and the model.

Embeddings are biometric data. The cache lies in a folder only its owner can enter, holds no name
and no path, forgets after `keep_days`, and `--no-cache` keeps everything in memory instead.
"""

from __future__ import annotations

import hashlib
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray
from platformdirs import user_cache_path

from kiosk.core.errors import StorageError

_COMMIT_EVERY = 200
_DAY = 86_400
_PATIENCE = 60.0
"""Seconds to wait for another evaluation that is writing."""
_FOLDER_MODE = 0o700
_FILE_MODE = 0o600


def default_folder() -> Path:
    """In the user's cache folder."""
    return user_cache_path("kiosk", appauthor=False) / "evaluation"


def content_key(content: bytes, *more: object) -> str:
    """Names a content and how it was used."""
    digest = hashlib.blake2b(content, digest_size=16)
    for part in more:
        digest.update(b"\0" + str(part).encode())
    return digest.hexdigest()


class Store:
    """Numbers by maker (a model_id or a step such as "landmarks") and content key.

    Writes are committed every few hundred, so a kill loses seconds of work. Raises StorageError
    where the folder cannot be used.
    """

    def __init__(
        self,
        folder: Path | None,
        keep_days: int | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._today = int(now() // _DAY)
        try:
            file = _prepare(folder) if folder else ":memory:"
            self._database = sqlite3.connect(file, timeout=_PATIENCE)
            self._database.execute(
                "create table if not exists kept (maker text, key text, value blob, "
                "primary key (maker, key)) without rowid"
            )
            self._forget(keep_days)
        except (OSError, sqlite3.Error) as error:
            raise _unusable(error) from error
        self._waiting: dict[tuple[str, str], bytes] = {}

    def _forget(self, keep_days: int | None) -> None:
        """What was kept longer ago than so many days goes, overwritten and not only unlinked. A
        cache from before days were written down begins to count today."""
        columns = {row[1] for row in self._database.execute("pragma table_info(kept)")}
        with self._database:
            if "day" not in columns:
                self._database.execute(
                    f"alter table kept add column day integer default {self._today}"
                )
            if keep_days is None:
                return
            self._database.execute("pragma secure_delete = on")
            oldest = self._today - keep_days
            # A day that is still to come was written under a wrong clock.
            self._database.execute(
                "delete from kept where day < ? or day > ?", (oldest, self._today + 1)
            )

    def get(self, maker: str, key: str) -> NDArray[np.float32] | None:
        """A vector kept before; empty means that nothing could be computed of that content."""
        query = "select value from kept where maker = ? and key = ?"
        data = self._waiting.get((maker, key))
        row = (
            (data,) if data is not None else self._database.execute(query, (maker, key)).fetchone()
        )
        return None if row is None else np.frombuffer(row[0], dtype=np.float32)

    def put(self, maker: str, key: str, value: NDArray[np.float32]) -> None:
        """Keep a vector."""
        self._waiting[maker, key] = np.ascontiguousarray(value, dtype=np.float32).tobytes()
        if len(self._waiting) >= _COMMIT_EVERY:
            self.commit()

    def commit(self) -> None:
        """Make what was put outlive this process, in one short transaction: another evaluation may
        be writing to the same cache. Raises StorageError."""
        rows = [(maker, key, data, self._today) for (maker, key), data in self._waiting.items()]
        try:
            with self._database:
                self._database.executemany("insert or replace into kept values (?, ?, ?, ?)", rows)
        except sqlite3.Error as error:
            raise _unusable(error) from error
        self._waiting.clear()

    def close(self) -> None:
        """Commit and close."""
        self.commit()
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _unusable(error: Exception) -> StorageError:
    return StorageError(
        f"The evaluation's cache cannot be used: {error}.",
        "Name another folder with --cache, or give --no-cache.",
    )


def _prepare(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True, mode=_FOLDER_MODE)
    folder.chmod(_FOLDER_MODE)
    path = folder / "embeddings.db"
    path.touch(mode=_FILE_MODE)
    path.chmod(_FILE_MODE)
    return path
