"""The schema, as ordered steps: step N brings a database from version N-1 to N.

Each step is one transaction and sets the version inside it. A step that fails, or is cut off,
leaves the database at the version before, whole; the next start tries again. In a new database all
steps are one transaction: it is flushed to the disk once, and is empty or whole. Steps are never
changed once released: a new one is added to the end.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TypeAlias

from sqlite_utils import Database

from kiosk.core.errors import NewerDatabase, StorageError
from kiosk.storage.resident.packing import packed, packed_lengths, unpacked
from kiosk.storage.sqlite.database import APPLICATION_ID, COPY_ID, reporting, transaction

Migration: TypeAlias = Callable[[Database], None]
_AT_ONCE = 500


def migrate(database: Database, steps: Sequence[Migration] | None = None) -> None:
    """Bring the database to the newest version.

    Raises NewerDatabase if it was written by a newer program, StorageError if it is not ours or
    cannot be written.
    """
    steps = MIGRATIONS if steps is None else steps
    version = version_of(database)
    if version > len(steps):
        raise NewerDatabase(
            f"The database is of version {version}; this program knows {len(steps)}.",
            "Update the program.",
        )
    for number in range(version + 1 if version else max(len(steps), 1), len(steps) + 1):
        _apply(database, steps, number)
    if 0 < version < _PACKED <= len(steps):
        _give_back_room(database)


def _give_back_room(database: Database) -> None:
    """The file as small as what is in it. Without room for that, or beside another process that
    reads, it stays as it is: nothing depends on it."""
    with suppress(StorageError), reporting():
        database.execute("VACUUM")


def version_of(database: Database) -> int:
    """The version of a gallery, 0 if it is still empty. Raises StorageError if it is not ours."""
    with reporting():
        (mark,) = database.execute("PRAGMA application_id").fetchone()
        (version,) = database.execute("PRAGMA user_version").fetchone()
        (tables,) = database.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if mark == COPY_ID:
        raise StorageError(
            "This is a copy of a gallery, in which everything personal is sealed.",
            "Put it back with `kiosk gallery restore`.",
        )
    if tables and mark != APPLICATION_ID:
        raise StorageError(
            "The database belongs to another program.", "Name another file in the settings."
        )
    return int(version)


def _apply(database: Database, steps: Sequence[Migration], last: int) -> None:
    """The steps up to this one, in one transaction."""
    with transaction(database):
        # Another process may have done some of them while we waited for the lock.
        for number in range(version_of(database) + 1, last + 1):
            steps[number - 1](database)
            database.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            database.execute(f"PRAGMA user_version = {number}")


def _people_and_decisions(database: Database) -> None:
    for statement in _VERSION_1:
        database.execute(statement)


# AUTOINCREMENT: an id that was given up is never used again, so that another process can tell by
# ids alone what has changed. Times are ISO 8601 in UTC. `retired_by` is the enrolment that put a
# template out of use, `undone` marks an enrolment that was rolled back.
_VERSION_1 = (
    """CREATE TABLE subjects (
        subject_id INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL,
        name_key TEXT NOT NULL UNIQUE,
        note TEXT NOT NULL,
        created TEXT NOT NULL
    ) STRICT""",
    """CREATE TABLE models (
        model INTEGER PRIMARY KEY,
        modality TEXT NOT NULL CHECK (modality IN ('face', 'voice')),
        model_id TEXT NOT NULL,
        dims INTEGER NOT NULL CHECK (dims > 0),
        UNIQUE (modality, model_id)
    ) STRICT""",
    """CREATE TABLE enrolments (
        enrolment_id INTEGER PRIMARY KEY AUTOINCREMENT,
        subject_id INTEGER NOT NULL REFERENCES subjects ON DELETE CASCADE,
        kind TEXT NOT NULL CHECK (kind IN ('new', 'add', 'replace', 'rollback')),
        time TEXT NOT NULL,
        face_templates INTEGER NOT NULL,
        voice_templates INTEGER NOT NULL,
        undone INTEGER NOT NULL DEFAULT 0 CHECK (undone IN (0, 1))
    ) STRICT""",
    """CREATE TABLE templates (
        template_id INTEGER PRIMARY KEY AUTOINCREMENT,
        subject_id INTEGER NOT NULL REFERENCES subjects ON DELETE CASCADE,
        enrolment_id INTEGER NOT NULL REFERENCES enrolments ON DELETE CASCADE,
        retired_by INTEGER REFERENCES enrolments,
        model INTEGER NOT NULL REFERENCES models,
        vector BLOB NOT NULL,
        quality REAL NOT NULL,
        source TEXT NOT NULL,
        created TEXT NOT NULL
    ) STRICT""",
    """CREATE TABLE decisions (
        decision_id INTEGER PRIMARY KEY AUTOINCREMENT,
        time TEXT NOT NULL,
        outcome TEXT NOT NULL CHECK (outcome IN ('identified', 'unknown', 'unusable')),
        subject_id INTEGER REFERENCES subjects ON DELETE CASCADE,
        probability REAL NOT NULL,
        fused_llr REAL,
        face_score REAL,
        face_llr REAL,
        voice_score REAL,
        voice_llr REAL,
        conflict INTEGER NOT NULL CHECK (conflict IN (0, 1)),
        reason TEXT NOT NULL,
        with_face INTEGER NOT NULL CHECK (with_face IN (0, 1)),
        with_voice INTEGER NOT NULL CHECK (with_voice IN (0, 1))
    ) STRICT""",
    "CREATE INDEX enrolments_of_subject ON enrolments (subject_id)",
    "CREATE INDEX templates_of_subject ON templates (subject_id)",
    "CREATE INDEX templates_of_enrolment ON templates (enrolment_id)",
    "CREATE INDEX templates_retired_by ON templates (retired_by) WHERE retired_by IS NOT NULL",
    "CREATE INDEX active_templates ON templates (model) WHERE retired_by IS NULL",
    "CREATE INDEX decisions_by_time ON decisions (time)",
    "CREATE INDEX decisions_of_subject ON decisions (subject_id)",
)


def _corrections_and_consent(database: Database) -> None:
    for statement in _VERSION_2:
        database.execute(statement)


# A probe is kept with its decision only where the settings say so or somebody corrected the
# decision, and goes when the decision goes. `corrected_to` is who it really was, if anybody said.
_VERSION_2 = (
    """CREATE TABLE corrections (
        decision_id INTEGER PRIMARY KEY REFERENCES decisions ON DELETE CASCADE,
        corrected TEXT NOT NULL,
        corrected_by TEXT NOT NULL CHECK (corrected_by IN ('visitor', 'staff')),
        corrected_to INTEGER REFERENCES subjects ON DELETE SET NULL
    ) STRICT""",
    """CREATE TABLE probes (
        decision_id INTEGER NOT NULL REFERENCES decisions ON DELETE CASCADE,
        model INTEGER NOT NULL REFERENCES models,
        vector BLOB NOT NULL,
        quality REAL NOT NULL,
        PRIMARY KEY (decision_id, model)
    ) STRICT""",
    """CREATE TABLE consents (
        consent_id INTEGER PRIMARY KEY AUTOINCREMENT,
        subject_id INTEGER NOT NULL REFERENCES subjects ON DELETE CASCADE,
        time TEXT NOT NULL,
        version TEXT NOT NULL,
        language TEXT NOT NULL,
        text TEXT NOT NULL,
        witness TEXT NOT NULL,
        withdrawn TEXT
    ) STRICT""",
    "CREATE INDEX corrections_to ON corrections (corrected_to) WHERE corrected_to IS NOT NULL",
    "CREATE INDEX consents_of_subject ON consents (subject_id)",
)


def _pictures(database: Database) -> None:
    database.execute(
        """CREATE TABLE pictures (
            subject_id INTEGER PRIMARY KEY REFERENCES subjects ON DELETE CASCADE,
            jpeg BLOB NOT NULL
        ) STRICT"""
    )


def _origins(database: Database) -> None:
    database.execute(
        """ALTER TABLE subjects ADD COLUMN origin TEXT NOT NULL DEFAULT 'staff'
           CHECK (origin IN ('staff', 'self', 'confirmed'))"""
    )


def _upgrades(database: Database) -> None:
    for statement in _VERSION_5:
        database.execute(statement)


# Samples of an upgrade lie aside until a subject has enough of them, and are templates of nobody
# until then. `upgrade_enrolments` are the enrolments by which subjects were carried over.
_VERSION_5 = (
    """CREATE TABLE upgrades (
        upgrade_id INTEGER PRIMARY KEY AUTOINCREMENT,
        modality TEXT NOT NULL CHECK (modality IN ('face', 'voice')),
        old_model TEXT NOT NULL,
        new_model TEXT NOT NULL CHECK (new_model != old_model),
        state TEXT NOT NULL CHECK (state IN ('running', 'paused', 'rolled_back')),
        started TEXT NOT NULL
    ) STRICT""",
    """CREATE TABLE upgrade_samples (
        sample_id INTEGER PRIMARY KEY AUTOINCREMENT,
        upgrade_id INTEGER NOT NULL REFERENCES upgrades ON DELETE CASCADE,
        subject_id INTEGER NOT NULL REFERENCES subjects ON DELETE CASCADE,
        visit TEXT NOT NULL,
        model INTEGER NOT NULL REFERENCES models,
        vector BLOB NOT NULL,
        quality REAL NOT NULL,
        source TEXT NOT NULL,
        created TEXT NOT NULL
    ) STRICT""",
    """CREATE TABLE upgrade_enrolments (
        enrolment_id INTEGER PRIMARY KEY REFERENCES enrolments ON DELETE CASCADE,
        upgrade_id INTEGER NOT NULL REFERENCES upgrades ON DELETE CASCADE
    ) STRICT""",
    "CREATE INDEX upgrade_samples_of_subject ON upgrade_samples (subject_id)",
    "CREATE INDEX upgrade_enrolments_of_upgrade ON upgrade_enrolments (upgrade_id)",
)


def _more_outcomes(database: Database) -> None:
    """The words for outcomes are those of `DecisionOutcome`, which reading checks. The column is
    replaced and not the table, so that what refers to a decision stays with it."""
    for statement in (
        """ALTER TABLE decisions ADD COLUMN said TEXT NOT NULL DEFAULT 'unknown'
           CHECK (said <> '')""",
        "UPDATE decisions SET said = outcome",
        "ALTER TABLE decisions DROP COLUMN outcome",
        "ALTER TABLE decisions RENAME COLUMN said TO outcome",
    ):
        database.execute(statement)


def _learnt(database: Database) -> None:
    """A visit may add a template: a kind of enrolment of its own. `learnt` is the one a decision
    brought. The column is replaced and not the table, so that what refers to an enrolment stays."""
    for statement in (
        """ALTER TABLE enrolments ADD COLUMN said TEXT NOT NULL DEFAULT 'add'
           CHECK (said IN ('new', 'add', 'replace', 'rollback', 'learnt'))""",
        "UPDATE enrolments SET said = kind",
        "ALTER TABLE enrolments DROP COLUMN kind",
        "ALTER TABLE enrolments RENAME COLUMN said TO kind",
        """ALTER TABLE decisions ADD COLUMN learnt INTEGER
           REFERENCES enrolments ON DELETE SET NULL""",
        "CREATE INDEX decisions_that_taught ON decisions (learnt) WHERE learnt IS NOT NULL",
    ):
        database.execute(statement)


def _outbox(database: Database) -> None:
    for statement in _VERSION_8:
        database.execute(statement)


# An event says which decision is to be told by which channel and nothing of it: what is sent is
# read from the decision, and goes with it. `given_up` marks a dead letter.
_VERSION_8 = (
    """CREATE TABLE outbox (
        event_id INTEGER PRIMARY KEY AUTOINCREMENT,
        decision_id INTEGER NOT NULL REFERENCES decisions ON DELETE CASCADE,
        channel TEXT NOT NULL CHECK (channel <> ''),
        uid TEXT NOT NULL,
        attempts INTEGER NOT NULL DEFAULT 0,
        due TEXT NOT NULL,
        given_up TEXT,
        problem TEXT NOT NULL DEFAULT ''
    ) STRICT""",
    "CREATE INDEX outbox_of_decision ON outbox (decision_id)",
    "CREATE INDEX outbox_waiting ON outbox (channel, event_id) WHERE given_up IS NULL",
)


def _trail(database: Database) -> None:
    """The record of what was done. Only `facts` is ever changed: forgotten by rule."""
    database.execute(
        """CREATE TABLE trail (
            line INTEGER PRIMARY KEY CHECK (line > 0),
            time TEXT NOT NULL,
            act TEXT NOT NULL,
            facts TEXT,
            digest TEXT NOT NULL,
            link TEXT NOT NULL
        ) STRICT"""
    )


def _retention(database: Database) -> None:
    """Why somebody who took consent back is kept nevertheless, and the time of deletions."""
    for statement in (
        """CREATE TABLE holds (
            subject_id INTEGER PRIMARY KEY REFERENCES subjects ON DELETE CASCADE,
            time TEXT NOT NULL,
            ground TEXT NOT NULL CHECK (ground <> '')
        ) STRICT""",
        """CREATE TABLE clock (
            only INTEGER PRIMARY KEY CHECK (only = 1),
            trusted TEXT NOT NULL,
            boot TEXT NOT NULL,
            seconds REAL NOT NULL,
            doubt REAL NOT NULL
        ) STRICT""",
    ):
        database.execute(statement)


def _template_key(database: Database) -> None:
    """Without a row vectors are plain halves; with one they are turned by the key it names."""
    database.execute(
        """CREATE TABLE template_key (
            only INTEGER PRIMARY KEY CHECK (only = 1),
            transform TEXT NOT NULL CHECK (transform <> ''),
            since TEXT NOT NULL
        ) STRICT"""
    )


def _uses(database: Database) -> None:
    for statement in _VERSION_12:
        database.execute(statement)


# Of decisions made before, it is not known whether a living person stood there: nobody acts on
# them. `attended` marks decisions that count for the attendance; what staff say of a day is added
# to `attendance_corrections` and never changed. A greeting for everybody that is shown once stands
# in the settings; who has seen it is known by its hash.
_VERSION_12 = (
    "ALTER TABLE decisions ADD COLUMN liveness TEXT NOT NULL DEFAULT 'not_checked'",
    """ALTER TABLE decisions ADD COLUMN from_devices INTEGER NOT NULL DEFAULT 0
       CHECK (from_devices IN (0, 1))""",
    """CREATE TABLE attended (
        decision_id INTEGER PRIMARY KEY REFERENCES decisions ON DELETE CASCADE,
        clock_moved INTEGER NOT NULL CHECK (clock_moved IN (0, 1))
    ) STRICT""",
    """CREATE TABLE attendance_corrections (
        correction_id INTEGER PRIMARY KEY AUTOINCREMENT,
        subject_id INTEGER NOT NULL REFERENCES subjects ON DELETE CASCADE,
        day TEXT NOT NULL,
        first TEXT,
        last TEXT,
        reason TEXT NOT NULL CHECK (reason <> ''),
        made TEXT NOT NULL,
        said_by TEXT NOT NULL,
        CHECK ((first IS NULL) = (last IS NULL))
    ) STRICT""",
    """CREATE TABLE greetings (
        subject_id INTEGER PRIMARY KEY REFERENCES subjects ON DELETE CASCADE,
        text TEXT NOT NULL CHECK (text <> ''),
        once INTEGER NOT NULL CHECK (once IN (0, 1)),
        until TEXT
    ) STRICT""",
    """CREATE TABLE greeted (
        subject_id INTEGER NOT NULL REFERENCES subjects ON DELETE CASCADE,
        digest TEXT NOT NULL,
        PRIMARY KEY (subject_id, digest)
    ) STRICT""",
    "CREATE INDEX attendance_corrections_by_day ON attendance_corrections (day)",
    "CREATE INDEX attendance_corrections_of ON attendance_corrections (subject_id)",
)


def _calls(database: Database) -> None:
    """Calls for staff, and their events. The outbox is made anew, for every event was of a decision
    before; nothing refers to it."""
    for statement in (
        """CREATE TABLE calls (
            call_id INTEGER PRIMARY KEY AUTOINCREMENT,
            time TEXT NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('called', 'taken_back', 'answered')),
            changed TEXT NOT NULL
        ) STRICT""",
        """CREATE TABLE outbox_of_all (
            event_id INTEGER PRIMARY KEY AUTOINCREMENT,
            decision_id INTEGER REFERENCES decisions ON DELETE CASCADE,
            call_id INTEGER REFERENCES calls ON DELETE CASCADE,
            call_state TEXT,
            call_time TEXT,
            channel TEXT NOT NULL CHECK (channel <> ''),
            uid TEXT NOT NULL,
            attempts INTEGER NOT NULL DEFAULT 0,
            due TEXT NOT NULL,
            given_up TEXT,
            problem TEXT NOT NULL DEFAULT '',
            CHECK ((decision_id IS NULL) <> (call_id IS NULL))
        ) STRICT""",
        """INSERT INTO outbox_of_all
               (event_id, decision_id, channel, uid, attempts, due, given_up, problem)
           SELECT event_id, decision_id, channel, uid, attempts, due, given_up, problem
           FROM outbox""",
        "DROP TABLE outbox",
        "ALTER TABLE outbox_of_all RENAME TO outbox",
        "CREATE INDEX outbox_of_decision ON outbox (decision_id)",
        "CREATE INDEX outbox_of_call ON outbox (call_id)",
        "CREATE INDEX outbox_waiting ON outbox (channel, event_id) WHERE given_up IS NULL",
    ):
        database.execute(statement)


def _fleet(database: Database) -> None:
    for statement in _VERSION_14:
        database.execute(statement)


# Of a kiosk that has joined a fleet (docs/fleet.md): who it is there, how far it follows each site,
# by which UUID the fleet knows each row and what it was last told of it, what is still to be told
# (`seq` says where in the feed it was kept), and what staff are to know of that.
_VERSION_14 = (
    """CREATE TABLE fleet_member (
        only INTEGER PRIMARY KEY CHECK (only = 1),
        form TEXT NOT NULL
    ) STRICT""",
    """CREATE TABLE fleet_sites (
        site TEXT PRIMARY KEY,
        seq INTEGER NOT NULL,
        mark TEXT,
        round INTEGER NOT NULL,
        reached INTEGER,
        retell INTEGER NOT NULL DEFAULT 0 CHECK (retell IN (0, 1)),
        current TEXT
    ) STRICT""",
    """CREATE TABLE fleet_rows (
        kind TEXT NOT NULL CHECK (kind IN ('subject', 'enrolment', 'template', 'consent')),
        row INTEGER NOT NULL,
        uid TEXT NOT NULL,
        subject TEXT NOT NULL,
        state TEXT NOT NULL,
        round INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY (kind, row)
    ) STRICT""",
    """CREATE TABLE fleet_outbox (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        operation TEXT NOT NULL UNIQUE,
        site TEXT NOT NULL,
        subject TEXT NOT NULL,
        form TEXT NOT NULL,
        queued TEXT NOT NULL,
        seq INTEGER,
        outcome TEXT
    ) STRICT""",
    """CREATE TABLE fleet_notices (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        time TEXT NOT NULL,
        outcome TEXT NOT NULL,
        subject TEXT NOT NULL,
        text TEXT NOT NULL
    ) STRICT""",
    "CREATE UNIQUE INDEX fleet_rows_by_uid ON fleet_rows (kind, uid)",
    "CREATE INDEX fleet_rows_of_subject ON fleet_rows (subject)",
    "CREATE INDEX fleet_outbox_waiting ON fleet_outbox (number) WHERE seq IS NULL",
    "CREATE INDEX fleet_outbox_of_subject ON fleet_outbox (subject)",
)


def _packed_vectors(database: Database) -> None:
    """Turned vectors took four bytes a number, and a page each; their key is not needed for this.
    What is packed is the same to the bit once the turn is undone (`resident.packing`)."""
    if not database.execute("SELECT count(*) FROM template_key").fetchone()[0]:
        return
    for table in ("templates", "upgrade_samples", "probes"):
        last = -1
        while rows := database.execute(
            f"""SELECT t.rowid, vector, dims FROM {table} AS t JOIN models USING (model)
                WHERE t.rowid > ? ORDER BY t.rowid LIMIT ?""",  # noqa: S608
            [last, _AT_ONCE],
        ).fetchall():
            last = rows[-1][0]
            changed = [
                (blob, rowid)
                for dims in {row[2] for row in rows}
                for blob, rowid in _repacked([row for row in rows if row[2] == dims], dims)
            ]
            database.conn.executemany(
                f"UPDATE {table} SET vector = ? WHERE rowid = ?",  # noqa: S608
                changed,
            )


def _repacked(rows: Sequence[tuple[int, bytes, int]], dims: int) -> list[tuple[bytes, int]]:
    """Spoilt rows stay as they are: `gallery check` names them."""
    whole = [row for row in rows if len(row[1]) == packed_lengths(dims)[1]]
    blobs = packed(unpacked([row[1] for row in whole], dims)) if whole else []
    return [(blob, row[0]) for blob, row in zip(blobs, whole, strict=True)]


MIGRATIONS: tuple[Migration, ...] = (
    _people_and_decisions,
    _corrections_and_consent,
    _pictures,
    _origins,
    _upgrades,
    _more_outcomes,
    _learnt,
    _outbox,
    _trail,
    _retention,
    _template_key,
    _uses,
    _calls,
    _fleet,
    _packed_vectors,
)
_PACKED = 15
"""The version from which turned vectors are packed."""
