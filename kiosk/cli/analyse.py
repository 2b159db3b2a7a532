"""`kiosk analyse`: emotion, age and gender along recordings, without asking who it is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console

from kiosk.capture.pipe import piped
from kiosk.cli.features import open_research
from kiosk.cli.out_folder import OUT_FOLDER, check_folder
from kiosk.core.errors import InputError, KnownError, ModelError, SettingsError
from kiosk.core.extras import require
from kiosk.core.progress import Bar, Counted
from kiosk.core.settings import Settings
from kiosk.core.shown_text import shown

if TYPE_CHECKING:
    from kiosk.recognition.analysis import Analyser, Analysis, Elapsed

UNUSABLE = 11


class Form(StrEnum):
    """How an analysis is written to standard output."""

    TEXT = "text"
    JSON = "json"
    CSV = "csv"
    CODES = "codes"


@click.command()
@click.argument("files", nargs=-1, metavar="[FILE]...")
@click.option("--text", metavar="SENTENCE", help="Words said or written, Korean or English.")
@click.option(
    "--out",
    type=OUT_FOLDER,
    help="Write NAME.json, .csv and .png into this folder.",
)
@click.option(
    "--features",
    type=OUT_FOLDER,
    help="Write features of faces, voices and text into this folder, for research.",
)
@click.option(
    "--crops",
    type=OUT_FOLDER,
    help="Write the faces cut out, four a second, into this folder, for research.",
)
@click.option("--force", is_flag=True, help="Write into a folder even if it is not empty.")
@click.option(
    "--format",
    "form",
    type=click.Choice([f.value for f in Form]),
    default="text",
    show_default=True,
)
@click.option(
    "--segment",
    "seconds",
    type=click.FloatRange(0.5, 60),
    default=2.0,
    show_default=True,
    help="Seconds of one step of the timeline.",
)
@click.pass_context
def analyse(
    ctx: click.Context,
    /,
    files: tuple[str, ...],
    text: str | None,
    out: Path | None,
    features: Path | None,
    crops: Path | None,
    force: bool,
    form: str,
    seconds: float,
) -> None:
    """Estimate emotion, age and gender along recordings, from face, voice and text.

    FILE is a recording with picture, sound or both, a picture or a folder of pictures, - for a
    recording on standard input, or pcm:16000:- for bare samples of that rate. Nobody is
    identified and nothing is kept. Each step of the timeline tells what face and voice say and both
    together, or that nothing was usable; --text is taken together with the whole of every FILE, and
    can be given alone. "Not sure" is an answer.

    \b
    Examples:
      kiosk analyse visit.mp4
      kiosk analyse interview.wav --segment 5 --format csv > interview.csv
      kiosk analyse talk.mp4 other.mp4 --out report/
      kiosk analyse talk.mp4 --features features/ --crops crops/
      kiosk analyse --text "나는 지금 너무 슬퍼"
      kiosk analyse face.jpg --format codes | jq .
      arecord -q -f S16_LE -r 16000 -d 10 | kiosk analyse -

    The settings emotion, age and gender switch an attribute off; in the profiles workplace and
    education emotion is never estimated. A file that cannot be used is named and the others are
    done all the same.

    --features and --crops leave NumPy arrays with a JSON of their times and models; they are
    biometric data, and nobody but you can read them.

    Exit codes: 0 something was estimated of every FILE, 11 of some FILE nothing, else as of all
    commands (3 input, 5 models).
    """
    settings: Settings = ctx.obj
    _check(settings, files, text, out, force)
    if features is not None or crops is not None:
        _require_files(files)
    console = Console(stderr=True)
    analyser = _analyser(settings, seconds, bool(files), text is not None)
    research = open_research(settings, features, crops, text=text is not None, force=force)
    stems = Stems()
    done: list[Analysis] = []
    code = 0
    for place, file in enumerate(files):
        try:
            with _progress(console, f"{_named(file)} ({place + 1} of {len(files)})") as elapsed:
                done.append(_analysed(settings, analyser, file, text, elapsed))
                if research is not None:
                    research.recording(file, stems.of(done[-1].name), text, elapsed)
        except KnownError as error:
            click.echo(f"kiosk: {error}", err=True)
            code = code or error.exit_code
            continue
        _tell(done[-1], form, first=len(done) == 1)
    if not files and text is not None:
        done.append(analyser.text(text))
        if research is not None:
            research.words(text, stems.of("text"))
        _tell(done[-1], form, first=True)
    if out is not None:
        _write(done, out, console)
    ctx.exit(code or (0 if all(analysis.whole for analysis in done) else UNUSABLE))


def _check(
    settings: Settings, files: tuple[str, ...], text: str | None, out: Path | None, force: bool
) -> None:
    from kiosk.core.attribute_fusion import wanted

    want = wanted(settings)
    if not files and text is None:
        raise InputError("There is nothing to analyse.", "Name a FILE or give --text.")
    if not want.anything:
        raise SettingsError(
            "emotion, age and gender are all switched off.", "Switch one on: --set age=on."
        )
    if text is not None and not want.emotion:
        reason = f"the profile is {settings.profile!r}"
        if settings.profile == "standard":
            reason = "the setting emotion is off"
        raise SettingsError(
            f"Emotion is not estimated, for {reason}; --text serves nothing else.",
            "Leave out --text.",
        )
    if out is not None:
        require("matplotlib", for_what="The picture of a timeline (--out)")
        check_folder(out, force=force)


def _require_files(files: tuple[str, ...]) -> None:
    """Features are made in a second reading. Raises InputError for what comes through a pipe."""
    for file in files:
        if piped(file) is not None:
            raise InputError(
                f"{_named(file)} can be read only once, and --features and --crops read twice.",
                "Keep what comes in a file, and give that.",
            )


def _analyser(settings: Settings, seconds: float, files: bool, text: bool) -> Analyser:
    from kiosk.recognition.analysis import Analyser
    from kiosk.runtime import composition

    estimators = composition.build_estimators(settings, text=text)
    if text and estimators.text is None:
        raise ModelError("There is no model for text.", "`kiosk models list` shows what there is.")
    if files and estimators.face is None and estimators.voice is None:
        raise ModelError(
            "There is no model of attributes.", "`kiosk models list` shows what there is."
        )
    pipelines = composition.load_pipelines(settings)()
    return Analyser(estimators, pipelines.face, pipelines.voice, seconds)


def _analysed(
    settings: Settings, analyser: Analyser, file: str, text: str | None, elapsed: Elapsed
) -> Analysis:
    from kiosk.runtime import composition

    if piped(file) is None and not Path(file).expanduser().exists():
        raise InputError(f"There is no file or folder {file}.", "Check the path.")
    source = composition.open_source(settings, file)
    return analyser.recording(source, _named(file), text, elapsed)


def _named(file: str) -> str:
    pipe = piped(file)
    return shown(Path(file).name if pipe is None else pipe.name)


@contextmanager
def _progress(console: Console, name: str) -> Iterator[Elapsed]:
    """A line that tells how far the recording is analysed; gone when it is done."""
    with Bar(console, name, counted=Counted.SECONDS) as bar:
        yield lambda seconds: bar.tell(seconds, note=f"{seconds:.0f} s analysed")


def _tell(analysis: Analysis, form: str, *, first: bool) -> None:
    from kiosk.recognition import estimate_formats, timeline

    if form == Form.TEXT:
        click.echo(timeline.as_text(analysis))
    elif form == Form.CSV:
        lines = timeline.as_csv([analysis]).splitlines(keepends=True)
        click.echo("".join(lines[0 if first else 1 :]), nl=False)
    else:
        told = timeline.as_dict(analysis)
        if form == Form.CODES:
            told = {"file": analysis.name, **estimate_formats.as_codes(analysis.whole)}
        click.echo(json.dumps(told, ensure_ascii=False))


class Stems:
    """Names of result files: that of the recording, with a number where two are called alike."""

    def __init__(self) -> None:
        self._used: set[str] = set()

    def of(self, name: str) -> str:
        """For the next recording of this name."""
        stem = base = Path(name).stem or "recording"
        number = 1
        while stem in self._used:
            number += 1
            stem = f"{base}-{number}"
        self._used.add(stem)
        return stem


def _write(done: list[Analysis], out: Path, console: Console) -> None:
    from kiosk.recognition import timeline

    stems = Stems()
    for analysis in done:
        timeline.write(analysis, out, stems.of(analysis.name))
    if done:
        console.print(
            f"{3 * len(done)} files are in {out}.", markup=False, highlight=False, soft_wrap=True
        )
