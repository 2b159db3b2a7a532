import tomllib
from pathlib import Path

import pytest

from tools import third_party

ROOT = Path(__file__).resolve().parents[2]

LOCK = """\
# made by make lock
alpha==1.0 ; python_full_version < '3.14' \\
    --hash=sha256:00
    # via kiosk (pyproject.toml)
Beta_Two==2.0 \\
    --hash=sha256:00 \\
    --hash=sha256:11
    # via
    #   --override requirements/overrides.txt
    #   kiosk (pyproject.toml:dev)
    #   alpha
"""


def test_the_table_names_every_locked_package_and_no_other() -> None:
    lock = (ROOT / "requirements/lock.txt").read_text(encoding="utf-8")
    named = third_party.rows((ROOT / "THIRD_PARTY.md").read_text(encoding="utf-8"))
    assert set(named) == set(third_party.locked(lock)), "say: make third-party"
    assert all(named.values())


def test_a_lock_is_read_with_those_who_ask() -> None:
    assert third_party.locked(LOCK) == {"alpha": ["kiosk"], "beta-two": ["kiosk:dev", "alpha"]}


@pytest.mark.parametrize(
    ("stated", "text", "expected"),
    [
        ("MIT", "", "MIT"),
        ("Apache Software License", "", "Apache-2.0"),
        ("BSD License", "Neither the name of the project", "BSD-3-Clause"),
        ("BSD", "Redistributions in binary form", "BSD-2-Clause"),
        ("", "anything", ""),
    ],
)
def test_licences_are_named_by_their_identifier(stated: str, text: str, expected: str) -> None:
    assert third_party.licence(stated, text) == expected


def test_what_is_not_installed_keeps_its_row_and_what_nobody_knows_is_named() -> None:
    packages = {"here": ["kiosk"], "elsewhere": ["here"]}
    installed = {"here": "MIT"}

    def look(name: str) -> str:
        return installed.get(name, "")

    table = third_party.table(packages, {"here": "old", "elsewhere": "BSD-3-Clause"}, look)
    assert "| here | MIT | kiosk |\n| elsewhere | BSD-3-Clause | here |" in table
    with pytest.raises(LookupError, match=r"^elsewhere$"):
        third_party.table(packages, {}, look)


def test_a_new_table_is_read_back_and_leaves_the_notes() -> None:
    document = f"# Notes\n{third_party.BEGIN}\n\nold\n\n{third_party.END}\nafter\n"
    table = third_party.table({"here": ["kiosk"]}, {"here": "MIT"}, lambda _: "")
    new = third_party.replaced(document, table)
    assert third_party.rows(new) == {"here": "MIT"}
    assert new.startswith("# Notes\n")
    assert new.endswith("\nafter\n")
    assert "old" not in new


def test_an_installed_package_is_looked_up() -> None:
    assert third_party.look_up("pytest") == "MIT"
    assert third_party.look_up("sympy") == "BSD-3-Clause"
    assert third_party.look_up("no-such-package") == ""


def test_the_licence_is_there_whole_and_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["license"] == "Apache-2.0"
    texts = [ROOT / name for name in project["license-files"]]
    assert [text.name for text in texts if not text.is_file()] == []
    licence = texts[0].read_text(encoding="utf-8")
    assert "Version 2.0, January 2004" in licence
    assert "END OF TERMS AND CONDITIONS" in licence
