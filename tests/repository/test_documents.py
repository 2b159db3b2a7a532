"""What the documents say of each other and of the program holds."""

import json
import re
import subprocess
import sys
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest
from PIL import Image

from tools.pictures import documents, shown, take_over

ROOT = Path(__file__).resolve().parents[2]
MOST_PICTURES = 20
MOST_BYTES = 3_000_000
_SOURCE = re.compile(r"\b(?:kiosk|tests|tools)/[\w/]+\.py\b")
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def anchors(text: str) -> set[str]:
    """The fragments by which a document's headings can be linked to."""
    words = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in _HEADING.findall(text))
    return {heading.replace(" ", "-") for heading in words}


def broken(file: Path) -> list[str]:
    """Links of a document to files or headings that are not there."""
    found = []
    for link in _LINK.findall(file.read_text(encoding="utf-8")):
        path, _, anchor = link.partition("#")
        target = file.parent / path if path else file
        if "://" in link or (target.exists() and not anchor):
            continue
        if not target.exists() or anchor not in anchors(target.read_text(encoding="utf-8")):
            found.append(f"{file.relative_to(ROOT)}: {link}")
    return found


def test_links_and_pictures_of_every_document_lead_somewhere() -> None:
    assert len(documents(ROOT)) > 20
    assert [link for file in documents(ROOT) for link in broken(file)] == []


def test_pictures_are_few_small_and_all_of_them_used() -> None:
    pictures = {file.name: file.stat().st_size for file in (ROOT / "docs/screens").iterdir()}
    assert set(pictures) == shown(ROOT)
    assert len(pictures) <= MOST_PICTURES
    assert sum(pictures.values()) < MOST_BYTES
    for language in ("ko", "en"):
        assert any(f"-{language}-" in name for name in pictures)


def test_only_the_pictures_referred_to_are_taken_over(tmp_path: Path) -> None:
    rendered, kept = tmp_path / "rendered", tmp_path / "kept"
    rendered.mkdir()
    kept.mkdir()
    (kept / "old.png").touch()
    Image.radial_gradient("L").convert("RGB").save(rendered / "new.png")
    with pytest.raises(FileNotFoundError, match=r"^gone\.png$"):
        take_over(rendered, kept, {"gone.png", "new.png"})
    assert [file.name for file in kept.iterdir()] == ["old.png"]
    take_over(rendered, kept, {"new.png"})
    assert [file.name for file in kept.iterdir()] == ["new.png"]
    with Image.open(kept / "new.png") as picture:
        assert (picture.size, picture.mode) == ((256, 256), "P")


def test_decisions_have_no_hole_and_all_stand_in_the_index() -> None:
    records = sorted((ROOT / "docs/decisions").glob("[0-9]*.md"))
    assert [int(file.name[:4]) for file in records] == list(range(1, len(records) + 1))
    index = re.findall(r"^\| \[(\d+)\]\((.+)\) \|", read("docs/decisions/README.md"), re.MULTILINE)
    assert index == [(str(int(file.name[:4])), file.name) for file in records]
    for file in records:
        title, blank, date = file.read_text(encoding="utf-8").splitlines()[:3]
        assert title.startswith(f"# {int(file.name[:4])}. "), file.name
        assert blank == "", file.name
        assert re.fullmatch(r"20\d\d-\d\d-\d\d", date), file.name


def test_readme_fits_on_one_screen() -> None:
    lines = read("README.md").splitlines()
    assert len(lines) <= 45
    commands = [line for line in lines if line.startswith("make ")]
    assert len(commands) == 2
    targets = {line.split(":")[0] for line in read("Makefile").splitlines() if ": " in line}
    assert {command.split()[1] for command in commands} <= targets


def test_the_codes_of_the_documents_are_those_of_the_schema() -> None:
    schema = json.loads(read("docs/schema/headless.json"))["$defs"]
    use = read("docs/use.md")
    emotions = schema["emotion"]["properties"]
    first, last = emotions["code"]["minimum"], emotions["code"]["maximum"]
    assert f"| {first}-{last} | {', '.join(emotions['top']['enum'])} |" in use
    ages = schema["age"]["properties"]["group"]
    assert f"| {ages['minimum']}-{ages['maximum']} | under ten, teens," in use
    genders = schema["gender"]["properties"]
    codes = ", ".join(str(code) for code in genders["code"]["enum"])
    assert f"| {codes} | {', '.join(genders['top']['enum'])} |" in use
    outcomes = schema["decision"]["properties"]["face_outcomes"]["propertyNames"]["pattern"]
    told = re.findall(r"^\| (\d) \| .+ \| .*\|$", use.split("`face_code`")[1], re.MULTILINE)
    assert [code for code in told if not re.fullmatch(outcomes, code)] == []
    assert told == [str(code) for code in range(7)]


def test_every_exit_code_of_the_help_is_explained() -> None:
    command = [sys.executable, "-m", "kiosk", "--help"]
    told = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    codes = set(re.findall(r"\b\d+\b", told.split("Exit codes")[1].split("Options:")[0]))
    table = read("docs/use.md").split("## Exit codes")[1].split("##")[0]
    explained = re.findall(r"\d+", " ".join(re.findall(r"^\| ([\d, ]+) \|", table, re.MULTILINE)))
    assert len(codes) >= 10
    assert sorted(codes - set(explained)) == []


def test_source_files_that_documents_name_are_there() -> None:
    history = ROOT / "CHANGELOG.md"
    named = {
        (file.relative_to(ROOT).as_posix(), path)
        for file in documents(ROOT)
        if file != history
        for path in _SOURCE.findall(file.read_text(encoding="utf-8"))
    }
    assert len(named) > 20
    assert sorted(name for name in named if not (ROOT / name[1]).is_file()) == []


def told_shortly(cell: str) -> str:
    """A figure of accuracy.md as README writes it: one place behind the point, zeros without."""
    exact = map(Decimal, re.findall(r"[\d.]+(?=%)", cell))
    rounded = (str(number.quantize(Decimal("0.1"), ROUND_HALF_UP)) for number in exact)
    value, low, high = (number.removesuffix(".0") for number in rounded)
    return f"{value} % [{low}, {high}]"


def test_the_readme_tells_the_decisions_that_were_measured() -> None:
    rows = [line.strip("| ").split(" | ") for line in read("docs/accuracy.md").splitlines()]
    measured = {tuple(row[:3]): row[3:5] for row in rows if len(row) == 8}
    told = [line.strip("| ").split(" | ") for line in read("README.md").splitlines()]
    told = [row for row in told if len(row) == 4 and row[0].replace(",", "").isdecimal()]
    assert len(told) > 4
    for enrolled, by, *cells in told:
        for count, cell in zip(("1, 1", "5, 5"), cells, strict=True):
            found = measured[by.removesuffix(" alone"), enrolled, count]
            assert cell == ", ".join(map(told_shortly, found)), (enrolled, by, count)
