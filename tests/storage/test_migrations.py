import pytest
from sqlite_utils import Database

from kiosk.core.errors import NewerDatabase, StorageError
from kiosk.storage import SqlGallery
from kiosk.storage.sqlite.migrations import MIGRATIONS, migrate, version_of
from tests.support.storage_support import NEW, plain_database, template


def add_column(database: Database) -> None:
    database.execute("ALTER TABLE subjects ADD COLUMN badge TEXT NOT NULL DEFAULT ''")


def fail_half_way(database: Database) -> None:
    database.execute("ALTER TABLE subjects ADD COLUMN half TEXT")
    database.execute("DELETE FROM subjects")
    database.execute("SELECT * FROM a_table_that_is_not_there")


def columns(database: Database) -> set[str]:
    return {column.name for column in database.table("subjects").columns}


@pytest.fixture
def database() -> Database:
    """Of the first version, with somebody in it."""
    opened = plain_database()
    SqlGallery(opened).enrol("Ann", [template(1)], NEW)
    return opened


def test_a_new_database_gets_the_newest_version() -> None:
    opened = plain_database()
    migrate(opened)
    assert version_of(opened) == len(MIGRATIONS)
    opened.close()


def test_a_new_database_is_empty_or_whole() -> None:
    opened = plain_database()
    with pytest.raises(Exception, match="a_table_that_is_not_there"):
        migrate(opened, [*MIGRATIONS, fail_half_way])
    assert (version_of(opened), opened.table_names()) == (0, [])
    migrate(opened)
    assert version_of(opened) == len(MIGRATIONS)
    opened.close()


def test_a_step_keeps_what_is_there(database: Database) -> None:
    migrate(database, [*MIGRATIONS, add_column])
    assert version_of(database) == len(MIGRATIONS) + 1
    assert database.execute("SELECT name, badge FROM subjects").fetchall() == [("Ann", "")]
    database.close()


def test_steps_that_are_done_are_not_done_again(database: Database) -> None:
    for _ in range(2):
        migrate(database, [*MIGRATIONS, add_column])
    database.close()


def test_a_failed_step_leaves_the_version_before(database: Database) -> None:
    with pytest.raises(Exception, match="a_table_that_is_not_there"):
        migrate(database, [*MIGRATIONS, add_column, fail_half_way])
    assert version_of(database) == len(MIGRATIONS) + 1
    assert columns(database) >= {"badge"}
    assert "half" not in columns(database)
    assert database.table("subjects").count == 1
    migrate(database, [*MIGRATIONS, add_column])
    database.close()


def test_a_newer_version_is_refused_untouched(database: Database) -> None:
    migrate(database, [*MIGRATIONS, add_column])
    with pytest.raises(NewerDatabase):
        migrate(database)
    assert "badge" in columns(database)
    database.close()


def test_a_database_of_another_program_is_left_alone() -> None:
    opened = plain_database()
    opened.execute("CREATE TABLE theirs (x)")
    with pytest.raises(StorageError, match="another program"):
        migrate(opened)
    assert opened.table_names() == ["theirs"]
    opened.close()
