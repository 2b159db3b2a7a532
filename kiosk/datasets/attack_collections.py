"""Public collections of presentation attacks, as their makers lay them out.

`known_presentations` recognises a checkout of one by its folders and gives its presentations in the
order of their names; people and pictures that their users keep private for checking figures are
left out. `may_be_learnt_from` says who may be:

| collection | what | learnt from |
| --- | --- | --- |
| NUAA | a webcam; living people and printed photographs of them | two thirds of the people |
| Replay-Attack | a webcam; prints, telephones, tablets, stills and films | nobody (*) |
| Trainingdata | telephones; living people, films of them on screens | two thirds of the people |
| phone screens | a webcam; stills on a telephone, one living person | everything |
| clip pairs | `videos/fake.*`, `videos/real.*` of one person | two thirds of the collections |
| portraits | SCUT-FBP5500, one picture a person | two thirds of the people |

(*) What its makers call the test part is for figures, the others are for choosing between networks.
Replay-Attack is given by its makers to those who sign an agreement for research: what is measured
on it is told, and no weights that are given away have learnt from it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import groupby
from pathlib import Path

from kiosk.core.errors import InputError
from kiosk.datasets.collections import Item, Kind, kind_of
from kiosk.datasets.presentations import BONA_FIDE, PadPresentation, read_presentations

PRINT, SCREEN_STILL, SCREEN_VIDEO = "print", "screen_still", "screen_video"

_NUAA_PRIVATE = frozenset({"0002", "0005", "0009", "0011", "0015"})
_REPLAY = re.compile(
    r"__(?:attack_(?P<how>print|mobile|highdef)_)?(?P<client>client\d+)_.*?"
    r"(?P<what>photo|video|authenticate)_(?P<light>adverse|controlled)(?:_(?P<take>\d))?$"
)
_REPLAY_RATE = 25.0
_GAP = 3.0
"""Seconds without a picture after which the next belongs to another presentation."""
_LARGEST_SCUT = {"AF": 1500, "AM": 1500, "CF": 550, "CM": 550}
_SCUT = re.compile(r"^(?P<group>AF|AM|CF|CM)(?P<number>\d+)$")


def presentations_at(path: Path) -> list[PadPresentation]:
    """Those of an index, or of a collection known here. Raises InputError."""
    if path.is_dir() and not (path / "index.csv").is_file():
        return known_presentations(path)
    return read_presentations(path)


def known_presentations(root: Path) -> list[PadPresentation]:
    """The presentations of a checkout of one of the collections. Raises InputError."""
    for marker, read in _LAYOUTS:
        if any(root.glob(marker)):
            found = [replace(shown, collection=root.name) for shown in read(root)]
            if found:
                return found
    raise InputError(
        f"{root.name} is no collection of presentations that is known.",
        "Give a CSV with the columns file and kind; see kiosk evaluate pad --help.",
    )


def is_kept_from_pad(shown: PadPresentation) -> bool:
    """Whether figures are of whom this shows: nothing was learnt from them, or chosen by them."""
    if shown.use:
        return shown.use == "measure"
    name = f"pad/{shown.subject}"
    return hashlib.sha256(name.encode()).digest()[0] % 3 == 0


def is_for_choosing(shown: PadPresentation) -> bool:
    """Whether networks and settings are chosen by this."""
    return shown.use == "choose"


def may_be_learnt_from(shown: PadPresentation) -> bool:
    """Whether a network may learn from this."""
    return shown.use == "learn" or (not shown.use and not is_kept_from_pad(shown))


def _pictures(folder: Path, pattern: str = "*") -> list[Path]:
    return sorted(file for file in folder.glob(pattern) if kind_of(file.name) is Kind.PICTURE)


def _items(files: list[Path], subject: str, group: str = "") -> tuple[Item, ...]:
    return tuple(Item(file, subject, Kind.PICTURE, group=group) for file in files)


def _nuaa(root: Path) -> Iterator[PadPresentation]:
    """`db/ClientRaw/PERSON/PERSON_GLASSES_LIGHT_SESSION_NUMBER.jpg`; `ImposterRaw` alike."""
    for folder, kind in (("ClientRaw", BONA_FIDE), ("ImposterRaw", PRINT)):
        for person in sorted((root / "db" / folder).iterdir()):
            if person.name in _NUAA_PRIVATE or not person.is_dir():
                continue
            files = sorted(_pictures(person), key=_take_and_number)
            for _, take in groupby(files, key=lambda file: file.stem.rpartition("_")[0]):
                items = _items(list(take), f"nuaa {person.name}", "asian")
                yield PadPresentation(kind, items, f"nuaa {person.name}", f"nuaa {kind}", "asian")


def _take_and_number(file: Path) -> tuple[str, int]:
    take, _, number = file.stem.rpartition("_")
    return take, int(number) if number.isdigit() else 0


def _replay(root: Path) -> Iterator[PadPresentation]:
    """`frames/replay_attack/PART/PART__..._CLIENT_..._LIGHT/frame_NUMBER.jpg`, 25 a second.

    Of living people there is a picture every 0.8 s, of attacks every 0.5 s: of these every other
    one is taken, so that nobody looks stiller because they were looked at more often.
    """
    kinds = {"photo": SCREEN_STILL, "video": SCREEN_VIDEO, "authenticate": BONA_FIDE}
    for folder in sorted((root / "frames" / "replay_attack").glob("*/*")):
        found = _REPLAY.search(folder.name)
        files = _pictures(folder)
        if found is None or not files:
            continue
        how, subject = found["how"] or "webcam", f"replay {found['client']}"
        files = files if found["how"] is None else files[::2]
        kind = PRINT if how == "print" else kinds[found["what"]]
        held = " held" if "__hand__" in folder.name else ""
        times = tuple(int(file.stem.rpartition("_")[2]) / _REPLAY_RATE for file in files)
        device = f"{how}{held}, {found['light']}"
        items = _items(files, subject)
        use = "measure" if folder.parent.name == "test" else "choose"
        yield PadPresentation(kind, items, subject, device, times=times, use=use)


def _trainingdata(root: Path) -> Iterator[PadPresentation]:
    """`samples/PERSON/{live_video,live_selfie,replay_video}.*`; people at even places are free."""
    people = sorted((root / "samples").iterdir())
    for person in people[::2] if len(people) > _FREE_ALONE else people:
        for file in sorted(person.iterdir()):
            kind = SCREEN_VIDEO if file.stem == "replay_video" else BONA_FIDE
            sort = kind_of(file.name)
            if sort in (Kind.PICTURE, Kind.CLIP):
                item = Item(file, person.name, sort)
                yield PadPresentation(kind, (item,), person.name, f"telephones {kind}")


_FREE_ALONE = 15
"""Folders of a checkout that holds the free ones alone."""


def _phone_screens(root: Path) -> Iterator[PadPresentation]:
    """`datasets/{Fake,DataCollect}/TIME.jpg`; the first three fifths of `Fake` are free, and what
    `DataCollect` holds of later is a living person, whatever its labels say."""
    fakes = _pictures(root / "datasets" / "Fake")[:_FREE_SCREENS]
    collected = _pictures(root / "datasets" / "DataCollect")
    living = [file for file in collected if _taken(file) >= _LIVING_FROM]
    yield from _by_time(fakes, SCREEN_STILL, "phone screens", "phone screens")
    yield from _by_time(living, BONA_FIDE, "who shows them", "phone screens' webcam")


_FREE_SCREENS = 903
_LIVING_FROM = 1_752_332_000
"""Seconds: whatever was collected later is the living person."""


def _by_time(files: list[Path], kind: str, subject: str, device: str) -> Iterator[PadPresentation]:
    """Pictures named by the time in seconds x 10^7, cut where none was taken for a while."""
    part: list[Path] = []
    for file in files:
        if part and _taken(file) - _taken(part[-1]) > _GAP:
            yield PadPresentation(kind, _items(part, subject), subject, device, use="learn")
            part = []
        part.append(file)
    if part:
        yield PadPresentation(kind, _items(part, subject), subject, device, use="learn")


def _taken(file: Path) -> float:
    """Seconds; the fraction's last zeros are missing from some names."""
    return int(file.stem[:10]) + float(f"0.{file.stem[10:] or 0}")


def _clip_pair(root: Path) -> Iterator[PadPresentation]:
    """`videos/fake.*`, `videos/real.*`: one person, and a telephone that shows them."""
    for file in sorted((root / "videos").iterdir()):
        if kind_of(file.name) is Kind.CLIP and file.stem in ("fake", "real"):
            kind = BONA_FIDE if file.stem == "real" else SCREEN_VIDEO
            item = Item(file, root.name, Kind.CLIP)
            yield PadPresentation(kind, (item,), root.name, f"{root.name} {kind}")


def _scut(root: Path) -> Iterator[PadPresentation]:
    """`SCUT-FBP5500_v2/Images/{AF,AM,CF,CM}NUMBER.jpg`; the higher numbers are private."""
    for file in _pictures(root / "SCUT-FBP5500_v2" / "Images"):
        found = _SCUT.match(file.stem)
        if found is None or int(found["number"]) > _LARGEST_SCUT[found["group"]]:
            continue
        group = "asian" if found["group"].startswith("A") else "white"
        items = _items([file], file.stem, group)
        yield PadPresentation(BONA_FIDE, items, file.stem, "portraits", group)


_LAYOUTS: tuple[tuple[str, Callable[[Path], Iterator[PadPresentation]]], ...] = (
    ("db/ClientRaw", _nuaa),
    ("frames/replay_attack", _replay),
    ("samples/*/*_video.*", _trainingdata),
    ("datasets/Fake", _phone_screens),
    ("videos/fake.*", _clip_pair),
    ("SCUT-FBP5500_v2/Images", _scut),
)
