"""Are the demo people found, heard and distinct for the models? See --help."""

from __future__ import annotations

import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

import av
import click
import numpy as np
import torch
from numpy.typing import NDArray

HERE = Path(__file__).resolve().parents[2] / "assets" / "demo"
sys.path.insert(0, str(HERE.parents[1]))

from facenet_pytorch import MTCNN  # noqa: E402 - after the checkout is on the path
from silero_vad import get_speech_timestamps, load_silero_vad  # noqa: E402

from kiosk.core.media import Frame, Modality  # noqa: E402
from kiosk.core.ports.inference import VoiceEmbedder  # noqa: E402
from kiosk.core.settings import Settings  # noqa: E402
from kiosk.inference import manifest  # noqa: E402
from kiosk.inference.face.embedders import build_face, build_from  # noqa: E402
from kiosk.inference.voice.embedders import build_voice  # noqa: E402

CPU = torch.device("cpu")
Matrix = NDArray[np.float32]
RATE = 16_000


@dataclass(frozen=True, eq=False)
class Clip:
    """A decoded recording: frames (n, h, w, 3) RGB and mono sound at RATE."""

    key: str
    number: int
    frames: list[NDArray[np.uint8]]
    sound: NDArray[np.float32]
    seconds: float


def read(path: Path) -> Clip:
    """One clip, whole."""
    frames, pieces = [], []
    with av.open(str(path)) as file:
        resampler = av.AudioResampler("flt", "mono", RATE)
        for frame in file.decode():
            if isinstance(frame, av.VideoFrame):
                frames.append(frame.to_ndarray(format="rgb24"))
            else:
                pieces += [part.to_ndarray()[0] for part in resampler.resample(frame)]
    sound = np.concatenate(pieces).astype(np.float32)
    key, number = path.stem.rsplit("-", 1)
    return Clip(key, int(number), frames, sound, len(sound) / RATE)


class Faces:
    """MTCNN and every face network at hand: pictures to vectors."""

    def __init__(self, edgeface: Path) -> None:
        self.find = MTCNN(min_face_size=60, post_process=False, device=CPU)
        self.nets = {
            name: build_face(entry, Settings(), CPU)
            for name, entry in manifest.embedders(Modality.FACE).items()
            if manifest.presence(entry, Settings()) is manifest.Presence.READY
        }
        if edgeface.is_file():
            entry = manifest.find_entry("edgeface-xs")
            self.nets[entry.name] = build_from(entry, edgeface, CPU)

    def crops(
        self, images: list[NDArray[np.uint8]]
    ) -> tuple[list[tuple[NDArray[np.uint8], NDArray[np.float32]]], list[float]]:
        """(picture, landmarks) where there is exactly one face, and how wide those are."""
        found, widths = [], []
        for image in images:
            boxes, chance, points = self.find.detect(image, landmarks=True)
            if boxes is None or (chance > 0.95).sum() != 1:
                continue
            best = int(np.argmax(chance))
            found.append((image, points[best]))
            widths.append(float(boxes[best][2] - boxes[best][0]))
        return found, widths

    def embed(
        self, model: str, found: list[tuple[NDArray[np.uint8], NDArray[np.float32]]]
    ) -> Matrix:
        """(n, dims), rows of length one."""
        faces = [(Frame(image, 0.0), points.astype(np.float32)) for image, points in found]
        return np.stack([one.vector for one in self.nets[model].embed(faces)])


def voices() -> dict[str, VoiceEmbedder]:
    """Every voice network at hand."""
    return {
        name: build_voice(entry, Settings(), CPU)
        for name, entry in manifest.embedders(Modality.VOICE).items()
        if manifest.presence(entry, Settings()) is manifest.Presence.READY
    }


def pooled(rows: Matrix) -> NDArray[np.float32]:
    """One vector of length one from many."""
    mean = rows.mean(0)
    return np.asarray(mean / np.linalg.norm(mean), np.float32)


def speech_seconds(sound: NDArray[np.float32]) -> float:
    """Speech that silero-vad hears."""
    stamps = get_speech_timestamps(torch.from_numpy(sound), load_silero_vad())
    return sum(stamp["end"] - stamp["start"] for stamp in stamps) / RATE


def table(name: str, first: Matrix, second: Matrix, keys: list[str]) -> str:
    """Cosines of every first recording (rows) with every second one (columns), and the margins."""
    scores = first @ second.T
    same, other = np.diag(scores), scores[~np.eye(len(keys), dtype=bool)]
    lines = [
        f"{name}: same person at least {same.min():.3f}, different people at most {other.max():.3f}"
    ]
    lines += ["          " + " ".join(f"{k:>7}" for k in keys)]
    lines += [
        f"{k:>9} " + " ".join(f"{v:7.3f}" for v in row) for k, row in zip(keys, scores, strict=True)
    ]
    return "\n".join(lines)


@click.command()
@click.option("--folder", type=click.Path(path_type=Path), default=HERE)
@click.option(
    "--edgeface",
    type=click.Path(path_type=Path),
    default=HERE.parents[2] / "shared/weights/edgeface_xs_q.pt",
    show_default="../shared/weights/edgeface_xs_q.pt",
)
@click.option("--step", default=10, show_default=True, help="Look at every n-th frame.")
def main(folder: Path, edgeface: Path, step: int) -> None:
    """Detection rate, speech, and the cosines between the two recordings of everybody."""
    torch.set_num_threads(2)
    keys = [
        p["key"]
        for p in tomllib.loads((folder / "people.toml").read_text(encoding="utf-8"))["person"]
    ]
    faces, ears = Faces(edgeface), voices()
    vectors: dict[str, list[NDArray[np.float32]]] = {}
    for key in keys:
        for number in (1, 2):
            clip = read(folder / f"{key}-{number}.mp4")
            looked = clip.frames[::step]
            found, widths = faces.crops(looked)
            click.echo(
                f"{key}-{number}: {clip.seconds:.1f} s, speech {speech_seconds(clip.sound):.1f} s, "
                f"face in {len(found)}/{len(looked)} frames, {np.median(widths):.0f} px"
            )
            for model in faces.nets:
                vectors.setdefault(model, []).append(pooled(faces.embed(model, found)))
            for model, ear in ears.items():
                vectors.setdefault(model, []).append(ear.embed(clip.sound).vector)
    for model, rows in vectors.items():
        click.echo(table(model, np.stack(rows[::2]), np.stack(rows[1::2]), keys))


if __name__ == "__main__":
    main()
