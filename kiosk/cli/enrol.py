"""`kiosk enrol`, `kiosk re-enrol`, `kiosk enrol-folder`."""

from __future__ import annotations

import hashlib
import json
import shlex
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from kiosk.cli.out_folder import OUT_FILE
from kiosk.core.errors import InputError
from kiosk.core.media import Modality
from kiosk.core.names import clean_name
from kiosk.core.ports.capture import Source
from kiosk.core.progress import Bar
from kiosk.core.records import GROUND_VERSION, Consent, stated_ground
from kiosk.core.settings import Settings
from kiosk.core.shown_text import shown
from kiosk.core.subjects import EnrolmentKind, EnrolmentRecord
from kiosk.enrolment.bulk_import import ImportLine, ImportStatus, plan_import, run_import
from kiosk.enrolment.enroller import DuplicateSuspected, EnrolmentResult
from kiosk.runtime import composition

_LONGEST_TEXT = 20_000
_ONLY = click.Choice([modality.value for modality in Modality])
_live_options = [
    click.option("--camera", metavar="INDEX-OR-NAME", help="Record live from this webcam."),
    click.option("--microphone", metavar="NAME", help="Record live from this microphone."),
    click.option(
        "--duration", type=click.FloatRange(1, 120), default=10.0, help="Seconds of live recording."
    ),
    click.option("--from", "begin", type=click.FloatRange(min=0), help="Skip so many seconds."),
    click.option("--to", "end", type=click.FloatRange(min=0), help="Stop at this second."),
    click.option("--only", type=_ONLY, help="Use one modality and ignore the other."),
    click.option("--json", "as_json", is_flag=True, help="Print the result as JSON."),
]


_ground_options = [
    click.option(
        "--consent",
        "consent_file",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="The text that was agreed to; `kiosk privacy consent-text` prints one.",
    ),
    click.option("--witness", default="", help="Who was there when it was agreed to."),
    click.option("--ground", metavar="TEXT", help="The legal ground where it is not consent."),
]


def _with_ground_options(command: Any) -> Any:
    for option in reversed(_ground_options):
        command = option(command)
    return command


def _on_record(consent_file: Path | None, witness: str, ground: str | None) -> Consent:
    """What goes on record with the enrolment: nobody is enrolled without. Raises InputError."""
    if (consent_file is None) == (ground is None):
        raise InputError(
            "Nothing says why this person may be enrolled.",
            "Give --consent FILE with the text they agreed to, or --ground TEXT, one of the two.",
        )
    now, there = datetime.now(UTC), " ".join(shown(witness).split())
    if ground is not None:
        return Consent(now, GROUND_VERSION, "", stated_ground(ground), there)
    assert consent_file is not None
    try:
        text = consent_file.read_bytes()[: _LONGEST_TEXT + 1].decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{consent_file} cannot be read as text.", "Check the file.") from error
    if not text.strip() or len(text) > _LONGEST_TEXT:
        raise InputError(f"{consent_file} is empty or too long.", "Give the text itself.")
    version = f"file {hashlib.sha256(text.encode()).hexdigest()[:12]}"
    lines = "\n".join(shown(line) for line in text.splitlines())
    return Consent(now, version, "", lines, there)


def _with_live_options(command: Any) -> Any:
    for option in reversed(_live_options):
        command = option(command)
    return command


@click.command()
@click.argument("name")
@click.argument("sources", nargs=-1, metavar="[FILE-OR-FOLDER]...")
@_with_live_options
@_with_ground_options
@click.option("--note", default="", help="Your own remark about the subject.")
@click.option(
    "--allow-duplicate", is_flag=True, help="Enrol although somebody enrolled looks alike."
)
@click.pass_obj
def enrol(
    settings: Settings,
    /,
    name: str,
    sources: tuple[str, ...],
    note: str,
    allow_duplicate: bool,
    consent_file: Path | None,
    witness: str,
    ground: str | None,
    **options: Any,
) -> None:
    """Enrol a new subject from recordings or live.

    Needs usable pictures of the face in several poses and some seconds of speech, in one or several
    files; refuses with the cause when they do not suffice, and when the person seems to be enrolled
    already.

    \b
    Examples:
      kiosk enrol "Kim Minjun" minjun-1.mp4 minjun-2.mp4 --consent signed.txt
      kiosk enrol "Lee Seoyeon" pictures/ --only face --ground "works agreement of 2026-03-01"
      kiosk enrol "Park Jiho" --camera 0 --microphone default --consent signed.txt
    """
    opened = _open_all(settings, sources, options)
    clean_name(name)
    agreed = _on_record(consent_file, witness, ground)
    with composition.open_gallery(settings) as gallery:
        gallery.require_free(name)
    with composition.open_workbench(settings) as bench:
        _read_all(bench, opened)
        try:
            result = bench.enroller.enrol(
                name,
                bench.collector.collected,
                "file" if sources else "live",
                only=_modality(options["only"]),
                allow_duplicate=allow_duplicate,
                note=note,
                consent=agreed,
            )
        except DuplicateSuspected as error:
            _print_duplicates(error)
            raise
    _print_result(name, result, options["as_json"])


@click.command("re-enrol")
@click.argument("name")
@click.argument("sources", nargs=-1, metavar="[FILE-OR-FOLDER]...")
@_with_live_options
@click.option("--replace/--add", default=True, help="Retire the old templates, or keep them too.")
@click.option("--rollback", is_flag=True, help="Undo the newest enrolment of this subject.")
@click.option("--force", is_flag=True, help="Although the samples do not resemble the subject.")
@click.pass_obj
def re_enrol(
    settings: Settings,
    /,
    name: str,
    sources: tuple[str, ...],
    replace: bool,
    rollback: bool,
    force: bool,
    **options: Any,
) -> None:
    """Renew the templates of a subject, or undo that ("re-registration").

    \b
    Examples:
      kiosk re-enrol "Kim Minjun" today.mp4             replace the old templates
      kiosk re-enrol "Kim Minjun" glasses.mp4 --add     keep them as well
      kiosk re-enrol "Kim Minjun" --rollback            as it was before
    """
    if rollback:
        with composition.open_gallery(settings) as gallery:
            record = gallery.roll_back(name)
        if options["as_json"]:
            _print_rolled_back(name, record)
            return
        click.echo(
            f"{name} is as before: {record.face_templates} face and "
            f"{record.voice_templates} voice templates."
        )
        return
    opened = _open_all(settings, sources, options)
    with composition.open_gallery(settings) as gallery:
        gallery.subject(name)
    with composition.open_workbench(settings) as bench:
        _read_all(bench, opened)
        try:
            result = bench.enroller.re_enrol(
                name,
                bench.collector.collected,
                "file" if sources else "live",
                kind=EnrolmentKind.REPLACE if replace else EnrolmentKind.ADD,
                only=_modality(options["only"]),
                force=force,
            )
        except DuplicateSuspected as error:
            _print_duplicates(error)
            raise
    _print_result(name, result, options["as_json"])


@click.command("enrol-folder")
@click.argument("folder", type=click.Path(path_type=Path))
@_with_ground_options
@click.option("--journal", type=OUT_FILE, help="Report file (JSON Lines).")
@click.option("--only", type=_ONLY, help="Use one modality and ignore the other.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON line for each subject.")
@click.pass_obj
def enrol_folder(
    settings: Settings,
    /,
    folder: Path,
    journal: Path | None,
    only: str | None,
    as_json: bool,
    consent_file: Path | None,
    witness: str,
    ground: str | None,
) -> None:
    """Enrol everybody in a folder: PERSON/files, or PERSON-number.mp4.

    Can be stopped and called again: who is enrolled from the same files is passed over. What was
    refused, and why, is printed and kept in the journal. Exit code 7 when anybody was refused.

    \b
    Example:
      kiosk enrol-folder people/ --ground "works agreement of 2026-03-01"
    """
    items = plan_import(folder)
    agreed = _on_record(consent_file, witness, ground)
    journal = journal or settings.database.with_name("import-journal.jsonl")
    counts: Counter[ImportStatus] = Counter()
    console = Console(stderr=True)
    with (
        composition.open_workbench(settings) as bench,
        Bar(console, "Enrolling", len(items)) as bar,
    ):
        lines = run_import(
            items,
            journal,
            lambda path: composition.open_source(settings, str(path)),
            bench.new_collector,
            bench.enroller,
            only=_modality(only),
            consent=agreed,
        )
        for line in lines:
            counts[line.status] += 1
            bar.advance()
            _print_line(line, as_json, bar.console)
    summary = ", ".join(f"{counts[status]} {status.value}" for status in ImportStatus)
    click.echo(f"{summary}. Journal: {journal}", err=True)
    if counts[ImportStatus.REFUSED]:
        raise click.exceptions.Exit(7)


def _open_all(
    settings: Settings, sources: tuple[str, ...], options: dict[str, Any]
) -> list[Source]:
    """What is to be read; whatever is wrong with the words alone is said before models load."""
    live = options["camera"] is not None or options["microphone"] is not None
    if bool(sources) == live:
        raise InputError(
            "Nothing to enrol from." if not sources else "Files and devices cannot be mixed.",
            "Give files, or --camera and --microphone.",
        )
    if not live:
        begin, end = options["begin"], options["end"]
        return [composition.open_source(settings, text, begin=begin, end=end) for text in sources]
    devices = composition.open_source(
        settings,
        None,
        camera=options["camera"],
        microphone=options["microphone"],
        end=options["duration"],
    )
    return [devices]


def _read_all(bench: composition.EnrolmentTools, sources: list[Source]) -> None:
    for source in sources:
        bench.collector.read(source)


def _modality(text: str | None) -> Modality | None:
    return Modality(text) if text else None


def _print_duplicates(error: DuplicateSuspected) -> None:
    for duplicate in error.duplicates:
        top = duplicate.candidate
        click.echo(
            f"By {duplicate.modality.value}: {top.name}, log-likelihood ratio {top.fused_llr:.1f}.",
            err=True,
        )


def _print_result(name: str, result: EnrolmentResult, as_json: bool) -> None:
    if as_json:
        found = {
            "name": name,
            "kind": result.record.kind.value,
            "face_templates": result.faces_used,
            "face_samples_dropped": result.faces_dropped,
            "copies": result.copies,
            "voice_templates": result.voices_used,
            "speech_seconds": round(result.speech_seconds, 2),
            "alike_by_voice": list(result.alike_by_voice),
            "alike_by_name": result.alike_by_name,
        }
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    click.echo(
        f"{name} is enrolled: {result.faces_used} face templates "
        f"({result.faces_dropped} samples dropped), {result.voices_used} voice templates "
        f"from {result.speech_seconds:.1f} s of speech."
    )
    if result.copies:
        click.echo(f"{result.copies} copies of a picture were counted with it as one.", err=True)
    if result.alike_by_name:
        click.echo(result.alike_by_name, err=True)
    for other in result.alike_by_voice:
        click.echo(
            f"The voice is like that of {other}. Voices of different people often are; if these "
            f"are one person: kiosk gallery remove {shlex.quote(name)}",
            err=True,
        )


def _print_rolled_back(name: str, record: EnrolmentRecord) -> None:
    """The templates in use again."""
    found = {
        "name": name,
        "kind": record.kind.value,
        "face_templates": record.face_templates,
        "voice_templates": record.voice_templates,
    }
    click.echo(json.dumps(found, ensure_ascii=False))


def _print_line(line: ImportLine, as_json: bool, console: Console) -> None:
    if as_json:
        values = {key: value for key, value in vars(line).items() if value not in ("", ())}
        click.echo(json.dumps(values, ensure_ascii=False))
        return
    for bad in line.bad_files:
        console.print(shown(f"  {line.name}: skipped {bad}"), markup=False, highlight=False)
    if line.status is ImportStatus.REFUSED:
        like = f" Like: {', '.join(line.resembles)}." if line.resembles else ""
        console.print(
            shown(f"  {line.name}: refused. {line.cause}{like} {line.remedy}"),
            markup=False,
            highlight=False,
        )
