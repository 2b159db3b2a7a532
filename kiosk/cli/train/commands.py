"""`kiosk train`: make the project's own weights, or one's own from one's own people."""

from __future__ import annotations

from pathlib import Path

import click

from kiosk.cli.out_folder import OUT_FOLDER
from kiosk.cli.train.attribute_fusion import attribute_fusion
from kiosk.cli.train.calibration import calibration
from kiosk.cli.train.face_attributes import face_attributes
from kiosk.cli.train.face_calm import face_calm
from kiosk.cli.train.options import PATH, device_option, run_options, start_option, tell_end
from kiosk.cli.train.pad import pad
from kiosk.cli.train.text_emotion import text_emotion
from kiosk.cli.train.voice_attributes import voice_attributes
from kiosk.cli.train.voice_calm import voice_calm
from kiosk.cli.train.voice_published import voice_published


@click.group()
def train() -> None:
    """Train a recogniser or fit the calibration; every run can be stopped and resumed."""


train.add_command(attribute_fusion)
train.add_command(calibration)
train.add_command(face_attributes)
train.add_command(face_calm)
train.add_command(pad)
train.add_command(text_emotion)
train.add_command(voice_attributes)
train.add_command(voice_calm)
train.add_command(voice_published)


@train.command()
@click.option(
    "--data",
    multiple=True,
    type=PATH,
    help="Folder with a folder of pictures per person, or a CSV with columns file and person "
    "(pictures beside it or in a ZIP of its name). Repeatable.",
)
@click.option(
    "--loose",
    multiple=True,
    type=PATH,
    help="Pictures whose folders are no persons: each is somebody else. Repeatable.",
)
@click.option(
    "--teacher",
    "teachers",
    multiple=True,
    required=True,
    type=PATH,
    help="The published edgeface_xs_q.pt; for the mobile configurations also, repeated, "
    "edgeface_xxs_q.pt or face_recognition_sface_2021dec.onnx of the OpenCV Zoo.",
)
@click.option(
    "--start",
    type=PATH,
    help="Weights of an earlier run to go on from; for mobile-2 the published "
    "face_recognition_mv.pkl of FaceX-Zoo, for mobile mobilefacenet_foamliu.pt.",
)
@click.option(
    "--cache", type=OUT_FOLDER, help="Folder for aligned faces  [default: cache in --out]"
)
@device_option
@run_options(epochs=12, patience=5, kept_out="people")
@click.option(
    "--config",
    type=click.Choice(
        [
            "mobile-2",
            "mobile-2-joined",
            "mobile",
            "mobile-joined",
            "joined",
            "residual",
            "residual-top",
            "residual-upper",
            "depthwise",
            "depthwise-fine",
        ]
    ),
    default="mobile-2",
    show_default=True,
    help="mobile-2 takes a published network as it is and learns how far each sample can be "
    "trusted, as shipped; mobile-2-joined also puts the head it learns beside the published one; "
    "mobile and mobile-joined do so with the one shipped before; "
    "joined learns the blocks above dlib's lowest ten and joins them with dlib's own last "
    "ones; residual starts from all of dlib's weights; residual-top and residual-upper "
    "go on with its upper blocks, on kept or on new views; depthwise is smaller, from scratch, on "
    "small pictures; depthwise-fine goes on with it on larger ones.",
)
def face(
    data: tuple[Path, ...],
    loose: tuple[Path, ...],
    teachers: tuple[Path, ...],
    start: Path | None,
    out: Path,
    cache: Path | None,
    device: str,
    epochs: int,
    resume: bool,
    seed: int,
    patience: int,
    config: str,
) -> None:
    """Train the face embedder from pictures, without labels, after a teacher network.

    Pictures are aligned once and kept in --cache; what cannot be used is named and counted. The
    run's folder holds curve.csv, curve.png, checkpoint.pt and at the end face-mobile-2.safetensors,
    or face-mobile.safetensors or face-own.safetensors with another --config.

    \b
    kiosk train face --data people/ --teacher edgeface_xs_q.pt \\
      --start face_recognition_mv.pkl --out run/
    kiosk train face --data people/ --teacher edgeface_xs_q.pt --config joined --out run/ --resume
    """
    from rich.console import Console

    from kiosk.training.face.mobile_run import CONFIGS, train_mobile
    from kiosk.training.face.run import FaceSources, train_face
    from kiosk.training.loop import RunOptions, device_choice

    console = Console(stderr=True)
    options = RunOptions(out, device_choice(device), epochs, resume, seed, patience)
    sources = FaceSources(data, loose, teachers[0], cache or out / "cache", start, teachers[1:])
    if config in CONFIGS:
        path, outcome = train_mobile(sources, CONFIGS[config], options, console)
    else:
        path, outcome = train_face(sources, config, options, console)
    tell_end(path, outcome)


@train.command()
@click.option(
    "--data",
    multiple=True,
    required=True,
    metavar="[NAME=]FOLDER",
    help="A collection of recordings: a folder of sound per speaker, VoxCeleb, LibriSpeech, words "
    "named like Speech Commands, folders of 40-band feature pickles, or an index.csv with columns "
    "file and speaker. Repeatable.",
)
@click.option(
    "--teacher",
    type=PATH,
    help="The published campplus_cn_en_common.pt. The convolution branch then learns what it says "
    "of the recordings, from --start on, and not only to tell speakers apart.",
)
@click.option(
    "--loose",
    multiple=True,
    metavar="[NAME=]FOLDER",
    help="Sound whose folders are no speakers, for the teacher: each file is somebody else. "
    "Repeatable.",
)
@start_option
@click.option("--cache", type=OUT_FOLDER, help="Folder for mel bands  [default: cache in --out]")
@device_option
@run_options(epochs=20, patience=8, kept_out="speakers")
def voice(
    data: tuple[str, ...],
    teacher: Path | None,
    loose: tuple[str, ...],
    start: Path | None,
    out: Path,
    cache: Path | None,
    device: str,
    epochs: int,
    resume: bool,
    seed: int,
    patience: int,
) -> None:
    """Train the voice embedder from recordings of speakers, after a teacher or without one.

    Recordings are turned into mel bands once and kept in --cache; what cannot be used is named and
    counted. Some speakers of every collection are held out by a rule and never trained on. The
    run's folder holds curve.csv, curve.png, checkpoint.pt and at the end voice-own.safetensors.

    \b
    kiosk train voice --data readers/ --data talks=old/talks/ --out run/
    kiosk train voice --data readers/ --data talks=old/talks/ --out run/ --resume
    kiosk train voice --data readers/ --teacher campplus_cn_en_common.pt \
      --start run/voice-own.safetensors --out taught/
    """
    from rich.console import Console

    from kiosk.core.errors import InputError
    from kiosk.training.loop import RunOptions, device_choice
    from kiosk.training.voice.run import VoiceSources, train_voice

    if loose and teacher is None:
        raise InputError("--loose is for a teacher to listen to.", "Give --teacher too.")
    options = RunOptions(out, device_choice(device), epochs, resume, seed, patience)
    sources = VoiceSources(data, cache or out / "cache", start, teacher, loose)
    path, outcome = train_voice(sources, options, Console(stderr=True))
    tell_end(path, outcome)
