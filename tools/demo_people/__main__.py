"""Makes the demo people: `python tools/demo_people --help`."""

from __future__ import annotations

import json
import pickle
from collections.abc import Iterable
from pathlib import Path

import av
import click
import cv2
import numpy as np
from faces import Face, Group
from motion import Film
from numpy.typing import NDArray
from people import PEOPLE, Person
from portrait import Painter
from sources import Store
from voices import RATE, Sound, envelope, record

HERE = Path(__file__).resolve().parents[2] / "assets" / "demo"
FPS = 20
STILL_QUALITY = 84


def mouth_course(sound: Sound) -> NDArray[np.float64]:
    """How wide the mouth stands in every frame, 0..1: as loud as the voice is."""
    loud = envelope(sound, 7.0)
    at = np.arange(int(len(sound) / RATE * FPS)) * RATE // FPS
    course = loud[at] / np.percentile(loud, 96)
    return np.clip(1.15 * (course - 0.10), 0, 1) ** 0.8


def write_clip(path: Path, frames: Iterable[NDArray[np.uint8]], sound: Sound) -> None:
    """An MP4 with H.264 picture and AAC sound."""
    with av.open(str(path), "w") as out:
        picture = out.add_stream("libx264", rate=FPS, options={"crf": "23", "preset": "slow"})
        picture.width, picture.height, picture.pix_fmt = 640, 360, "yuv420p"
        voice = out.add_stream("aac", rate=RATE, layout="mono", bit_rate=48_000)
        for image in frames:
            out.mux(picture.encode(av.VideoFrame.from_ndarray(image, "bgr24")))
        out.mux(picture.encode(None))
        for start in range(0, len(sound), 1024):
            piece = np.round(sound[start : start + 1024] * 32000).astype(np.int16)[None]
            chunk = av.AudioFrame.from_ndarray(piece, "s16", "mono")
            chunk.sample_rate, chunk.pts = RATE, start
            out.mux(voice.encode(chunk))
        out.mux(voice.encode(None))


def faces_of(people: list[Person], store: Store) -> dict[str, Face]:
    """The composite face of each person."""
    made: dict[str, Face] = {}
    for name in sorted({person.recipe.group for person in people}):
        group = Group(store.sources(name))
        for person in (p for p in people if p.recipe.group == name):
            recipe = person.recipe
            made[person.key] = group.compose(
                recipe.seed, recipe.mix, recipe.exaggerate, recipe.noise
            )
    return made


def film(person: Person, face: Face, folder: Path) -> None:
    """Both clips and the still of one person."""
    seed = sum(person.key.encode())
    portrait = Painter(face, person.looks, seed).portrait()
    for number, (scene, take) in enumerate(zip(person.scenes, person.attempts, strict=True), 1):
        sound = record(person.voice, take, seed + number)
        reel = Film(portrait, scene, seed + 10 * number)
        frames = list(reel.frames(mouth_course(sound), FPS))
        write_clip(folder / f"{person.key}-{number}.mp4", frames, sound)
        if number == 1:
            save_still(folder / "stills" / f"{person.key}.jpg", frames[4])


def save_still(path: Path, frame: NDArray[np.uint8]) -> None:
    """The middle of a frame as a small JPEG."""
    path.parent.mkdir(exist_ok=True)
    cv2.imwrite(str(path), frame[:, 140:500], [cv2.IMWRITE_JPEG_QUALITY, STILL_QUALITY])


def list_people(folder: Path) -> None:
    """people.toml, which the demo reads."""
    lines = [
        "# Demo people. Nobody here exists: see README.md. Written by `python tools/demo_people`."
    ]
    for person in PEOPLE:
        first, second = f"{person.key}-1.mp4", f"{person.key}-2.mp4"
        lines += [
            "",
            "[[person]]",
            f'key = "{person.key}"',
            f'name = "{person.name}"',
            f"stranger = {str(person.stranger).lower()}",
        ]
        enrol, probes = ([], [first, second]) if person.stranger else ([first], [second])
        lines += [f"enrol = {json.dumps(enrol)}", f"probe = {json.dumps(probes)}"]
    (folder / "people.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")


@click.command()
@click.option(
    "--shared",
    type=click.Path(path_type=Path),
    default=HERE.parents[2] / "shared",
    show_default="../shared",
)
@click.option(
    "--scut",
    type=click.Path(path_type=Path),
    required=True,
    help="Folder SCUT-FBP5500_v2 (Images, facial landmark).",
)
@click.option(
    "--cache",
    type=click.Path(path_type=Path),
    required=True,
    help="Folder outside the checkout for sources and faces.",
)
@click.option("--only", multiple=True, help="Key of a person; all without it.")
@click.option("--keep-faces", is_flag=True, help="Take the faces from the cache.")
@click.option("--out", type=click.Path(path_type=Path), default=HERE)
def main(
    shared: Path, scut: Path, cache: Path, only: tuple[str, ...], keep_faces: bool, out: Path
) -> None:
    """Make clips and stills of people who do not exist; the same data give the same people."""
    people = [p for p in PEOPLE if not only or p.key in only]
    faces = cached_faces(people, shared, scut, cache, keep_faces)
    for person in people:
        click.echo(f"filming {person.key}")
        film(person, faces[person.key], out)
    list_people(out)


def cached_faces(
    people: list[Person], shared: Path, scut: Path, cache: Path, keep: bool
) -> dict[str, Face]:
    """Faces from the cache or mixed now (minutes)."""
    cache.mkdir(parents=True, exist_ok=True)
    store = cache / "faces.pkl"
    known: dict[str, Face] = pickle.loads(store.read_bytes()) if store.exists() else {}  # noqa: S301 - our own file
    missing = people if not keep else [p for p in people if p.key not in known]
    if missing:
        known |= faces_of(missing, Store(cache, shared, scut))
        store.write_bytes(pickle.dumps(known))
    return known


if __name__ == "__main__":
    main()
