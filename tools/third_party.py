"""Write the table of locked packages and their licences into THIRD_PARTY.md.

`python -m tools.third_party`. Names and who asks for them come from requirements/lock.txt, licences
from the metadata of the installed distributions. A row of a package that is not installed here,
because it belongs to another system, is kept as it stands; where there is none, the command names
the package and fails, and the row is to be written by hand.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
BEGIN, END = "<!-- packages: made by `make third-party` -->", "<!-- end of packages -->"
HEAD = "| package | licence | asked for by |\n| --- | --- | --- |"

READ = {
    "click-default-group": "BSD-3-Clause",
    "cuda-toolkit": "LicenseRef-NVIDIA-Proprietary",
    "face-recognition-models": "CC0-1.0 (file), MIT (metadata)",
    "nvidia-cusparselt-cu13": "LicenseRef-NVIDIA-Proprietary",
    "nvidia-nvtx": "Apache-2.0",
    "sqlcipher3": "Zlib, with SQLCipher and OpenSSL within",
}
"""Licences read by a person, where the metadata are silent or contradict the licence file."""

SPELLINGS = {
    "apache 2.0": "Apache-2.0",
    "apache license, version 2.0": "Apache-2.0",
    "apache software license": "Apache-2.0",
    "bsd 2-clause license": "BSD-2-Clause",
    "mit license": "MIT",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0",
    "python software foundation license": "PSF-2.0",
}
"""What metadata say, in small letters, and the SPDX identifier that is meant."""

_PINNED = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==")
_OURS = re.compile(r" \(pyproject\.toml(:[\w-]+)?\)")
"""How the lock says that a dependency is the kiosk's own, or that of one of its groups."""
_LONGEST = 60
"""Characters; a licence field that is longer holds the whole text and not a name."""


class Facts(NamedTuple):
    """What the table needs to know of an installed distribution."""

    stated: str
    """Licence as its metadata name it; empty where they do not."""
    text: str
    """Content of its licence files."""


def normalised(name: str) -> str:
    """The name of a package as the lock spells it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def locked(lock: str) -> dict[str, list[str]]:
    """Packages of a lock file, each with those that ask for it, in the order of the file."""
    packages: dict[str, list[str]] = {}
    for line in lock.splitlines():
        pinned = _PINNED.match(line)
        if pinned:
            name = normalised(pinned[1])
            packages.setdefault(name, [])
        elif packages and line.startswith("    #"):
            asking = line.strip(" #").removeprefix("via").strip()
            if asking and not asking.startswith("--"):
                packages[name].append(_OURS.sub(r"\1", asking))
    return packages


def facts(installed: Distribution) -> Facts:
    """Metadata and licence files of a distribution."""
    about = installed.metadata
    classifiers = [
        line.split(" :: ")[-1]
        for line in about.get_all("Classifier") or []
        if line.startswith("License") and "DFSG" not in line
    ]
    expression, field = (
        (about.get_all(key) or [""])[0] for key in ("License-Expression", "License")
    )
    named = field.strip() if field != "UNKNOWN" and len(field) <= _LONGEST else ""
    stated = expression or named or " ".join(classifiers)
    files = [
        file
        for file in installed.files or []
        if ".dist-info" in str(file) and re.match(r"(?i)(licen[cs]e|copying)", file.name)
    ]
    return Facts(stated, "\n".join(file.read_text(encoding="utf-8") for file in files))


def licence(stated: str, text: str) -> str:
    """SPDX identifier, or the words of the metadata where there is none; empty if unknown.

    Metadata that say only "BSD" leave open which; the text of the licence decides.
    """
    if re.fullmatch(r"(?i)(modified )?bsd( license)?", stated):
        return "BSD-3-Clause" if "name of" in text else "BSD-2-Clause"
    return SPELLINGS.get(stated.lower(), stated)


def rows(document: str) -> dict[str, str]:
    """Licences that stand in a document's table by package."""
    cells = [line.split("|") for line in _inside(document).splitlines() if line.startswith("| ")]
    return {cell[1].strip(): cell[2].strip() for cell in cells[2:]}


def table(
    packages: Mapping[str, Sequence[str]], known: Mapping[str, str], look: Callable[[str], str]
) -> str:
    """The table as Markdown. `known` answers for packages of which `look` says nothing.

    Raises LookupError that names the packages nobody knows a licence of.
    """
    found = {name: look(name) or known.get(name, "") for name in packages}
    unknown = sorted(name for name, words in found.items() if not words)
    if unknown:
        raise LookupError(", ".join(unknown))
    lines = [
        f"| {name} | {found[name]} | {', '.join(asking)} |" for name, asking in packages.items()
    ]
    return "\n".join([HEAD, *lines])


def look_up(name: str) -> str:
    """Licence of an installed package; empty if it is not installed or does not say."""
    if name in READ:
        return READ[name]
    try:
        return licence(*facts(distribution(name)))
    except PackageNotFoundError:
        return ""


def replaced(document: str, new: str) -> str:
    """The document with another table."""
    return document.replace(_inside(document), f"\n\n{new}\n\n")


def _inside(document: str) -> str:
    return document.split(BEGIN, 1)[1].split(END, 1)[0]


def main() -> None:
    """Renew THIRD_PARTY.md, or say which package nobody knows the licence of."""
    file = ROOT / "THIRD_PARTY.md"
    document = file.read_text(encoding="utf-8")
    packages = locked((ROOT / "requirements/lock.txt").read_text(encoding="utf-8"))
    try:
        new = table(packages, rows(document), look_up)
    except LookupError as error:
        sys.exit(
            f"No licence is known of: {error}. Read its licence file and add it to READ in "
            "tools/third_party.py, or write its row in THIRD_PARTY.md if it is not for this system."
        )
    file.write_text(replaced(document, new), encoding="utf-8")


if __name__ == "__main__":
    main()
