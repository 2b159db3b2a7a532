"""`kiosk gallery`: who is enrolled, and what can be done about it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from kiosk.cli.expiring import expiring
from kiosk.cli.out_folder import OUT_FILE
from kiosk.cli.passphrases import ask_passphrase, passphrase_file
from kiosk.cli.rekey import rekey
from kiosk.cli.upgrade import upgrade
from kiosk.core.errors import InputError, StorageError
from kiosk.core.own_files import private_folder
from kiosk.core.ports.audit import Act
from kiosk.core.progress import Bar, Counted
from kiosk.core.records import ArchiveReceipt, Incoming
from kiosk.core.settings import Settings
from kiosk.core.signers import Signer
from kiosk.core.subjects import EnrolmentRecord, Template
from kiosk.inference import manifest
from kiosk.runtime import composition
from kiosk.storage.keys.signing import Signing, signature_of

_as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group()
def gallery() -> None:
    """See and change who is enrolled.

    Names are found in any case; an unknown one gets the nearest as a suggestion. Commands are safe
    while the kiosk runs: it notices the change at the next visit.

    \b
    Examples:
      kiosk gallery list
      kiosk gallery show "김민준"
      kiosk gallery export people.kiosk
    """


gallery.add_command(upgrade)
gallery.add_command(rekey)
gallery.add_command(expiring)


@gallery.command("list")
@_as_json
@click.pass_obj
def list_subjects(settings: Settings, as_json: bool) -> None:
    """Everyone enrolled, by name, with the number of templates in use.

    \b
    Examples:
      kiosk gallery list
      kiosk gallery list --json | jq -r '.[] | select(.voice_templates == 0) | .name'
    """
    with composition.open_gallery(settings) as opened:
        summaries = opened.summaries()
    lines = [
        {
            "name": each.subject.name,
            "face_templates": each.face_templates,
            "voice_templates": each.voice_templates,
            "created": each.subject.created.isoformat(),
            "note": each.subject.note,
        }
        for each in summaries
    ]
    if as_json:
        _print_json(lines)
    elif lines:
        _print_table(("Name", "Face", "Voice", "Enrolled", "Note"), lines)
    else:
        click.echo("Nobody is enrolled. `kiosk enrol --help` shows how to begin.", err=True)


@gallery.command()
@click.argument("name")
@_as_json
@click.pass_obj
def show(settings: Settings, name: str, as_json: bool) -> None:
    """One subject: note, and the templates in use by model.

    \b
    Examples:
      kiosk gallery show "Kim Minjun"
      kiosk gallery show "Kim Minjun" --json
    """
    with composition.open_gallery(settings) as opened:
        subject = opened.subject(name)
        templates = opened.templates(subject.subject_id)
    facts = {
        "name": subject.name,
        "note": subject.note,
        "created": subject.created.isoformat(),
        "templates": [_template_facts(template) for template in templates],
    }
    if as_json:
        _print_json(facts)
        return
    click.echo(f"{subject.name}, enrolled {_day(str(facts['created']))}")
    if subject.note:
        click.echo(subject.note)
    _print_table(("Modality", "Model", "Templates", "Best quality"), _by_model(templates))


@gallery.command()
@click.argument("name")
@_as_json
@click.pass_obj
def history(settings: Settings, name: str, as_json: bool) -> None:
    """The enrolments of a subject, newest first.

    The newest one in force can be undone with `kiosk re-enrol NAME --rollback`.

    \b
    Example:
      kiosk gallery history "Kim Minjun"
    """
    with composition.open_gallery(settings) as opened:
        records = [_record_facts(record) for record in opened.history(name)]
    if as_json:
        _print_json(records)
    else:
        _print_table(("Time", "Kind", "Face", "Voice", "In force"), records)


@gallery.command()
@click.argument("old")
@click.argument("new")
@_as_json
@click.pass_obj
def rename(settings: Settings, old: str, new: str, as_json: bool) -> None:
    """Give a subject another name.

    \b
    Example:
      kiosk gallery rename "Kim Minjun" "김민준"
    """
    with composition.open_gallery(settings) as opened:
        before = opened.subject(old)
        opened.rename(old, new)
        after = opened.subject_name(before.subject_id)
    if as_json:
        _print_json({"old": before.name, "name": after})
    else:
        click.echo(f"Renamed {before.name} to {after}.")


@gallery.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@_as_json
@click.pass_obj
def remove(settings: Settings, name: str, yes: bool, as_json: bool) -> None:
    """Delete a subject with templates, history and decisions. There is no way back.

    \b
    Examples:
      kiosk gallery remove "Kim Minjun"
      kiosk gallery remove "Kim Minjun" --yes
    """
    with composition.open_gallery(settings) as opened:
        subject = opened.subject(name)
        if not yes:
            question = f"Delete {subject.name} with all templates and history?"
            click.confirm(question, abort=True, err=as_json)
        count = opened.remove(subject.name)
    if as_json:
        _print_json({"name": subject.name, "templates": count})
    else:
        click.echo(f"Deleted {subject.name}: {_many(count, 'template')}, history and decisions.")


@gallery.command("forget-learnt")
@click.argument("name", required=False)
@click.option("--everyone", is_flag=True, help="Of all subjects.")
@_as_json
@click.pass_obj
def forget_learnt(settings: Settings, name: str | None, everyone: bool, as_json: bool) -> None:
    """Delete the templates that visits added; what staff enrolled stays.

    Visits add templates where learn_from_visits is true. `kiosk gallery history NAME` shows them.

    \b
    Examples:
      kiosk gallery forget-learnt "Kim Minjun"
      kiosk gallery forget-learnt --everyone
    """
    if (name is None) is not everyone:
        raise InputError("Whose templates?", "Give one NAME, or --everyone.")
    with composition.open_gallery(settings) as opened:
        count = opened.forget_learnt(name)
    if as_json:
        _print_json({"templates": count})
    else:
        click.echo(f"Deleted {_many(count, 'template')} that visits had added.")


@gallery.command()
@click.argument("name")
@click.option("--because", metavar="TEXT", help="Keep them for this legal ground.")
@_as_json
@click.pass_obj
def withdraw(settings: Settings, name: str, because: str | None, as_json: bool) -> None:
    """Somebody took consent back: nobody is compared with them from now on.

    They are deleted after `withdrawn_days` unless --because says which law asks to keep them; said
    of somebody who has taken it back already, it is put on record.

    \b
    Examples:
      kiosk gallery withdraw "Kim Minjun"
      kiosk gallery withdraw "Kim Minjun" --because "court order 2026-114"
    """
    with composition.open_gallery(settings) as opened:
        subject = opened.subject(name)
        given = opened.consents(subject.name)
        if not given or any(consent.withdrawn is None for consent in given):
            opened.withdraw_consent(subject.name)
        if because is not None:
            opened.keep_withdrawn(subject.name, because)
    if as_json:
        _print_json({"name": subject.name, "kept_because": because})
        return
    click.echo(f"{subject.name} is compared no more.")
    if because is None:
        click.echo(f"They are deleted after {_many(settings.withdrawn_days, 'day')}.")


@gallery.command()
@click.argument("folder", type=click.Path(path_type=Path), required=False)
@_as_json
@click.pass_obj
def backup(settings: Settings, folder: Path | None, as_json: bool) -> None:
    """Copy the gallery into FOLDER (else `backup_folder`), and read the copy whole.

    Under the same key, beside a kiosk that runs; what it holds of somebody is sealed under a key
    that goes when they are deleted. Those keys lie in `keys` beside the copies, the gallery's key
    does not: see `kiosk key backup`.

    \b
    Example:
      kiosk gallery backup /media/stick/kiosk
    """
    from kiosk.storage.sqlite.backups import back_up

    place = folder or settings.backup_folder
    if place == Path():
        raise InputError("There is no folder for the copy.", "Name one, or set backup_folder.")
    made = back_up(settings.database, settings.key_file, place, datetime.now(UTC))
    if as_json:
        _print_json({"file": str(made.file), "subjects": made.subjects, "deleted": made.deleted})
    else:
        click.echo(f"Copied {_many(made.subjects, 'subject')} to {made.file}, read whole.")


@gallery.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--yes", is_flag=True, help="Do not ask.")
@_as_json
@click.pass_obj
def restore(settings: Settings, file: Path, yes: bool, as_json: bool) -> None:
    """Put a copy made by `backup` in the place of the gallery, which is kept beside it.

    The kiosk must be stopped. Whoever was deleted since the copy was made does not come back.
    `kiosk audit verify` will say that an older gallery was put back: that is what happened.

    \b
    Example:
      kiosk gallery restore /media/stick/kiosk/gallery-20261129T200000Z.copy
    """
    from kiosk.storage.sqlite.backups import restore as put_back

    if not yes:
        click.confirm(f"Put {file} in the place of the gallery?", abort=True, err=True)
    done = put_back(settings.database, settings.key_file, file)
    with composition.open_gallery(settings) as opened:
        opened.note(Act.RESTORED, left_out=done.left_out)
        count = len(opened.subjects())
    if as_json:
        before = str(done.before)
        _print_json({"subjects": count, "left_out": done.left_out, "before": before})
        return
    click.echo(f"The gallery is that copy: {_many(count, 'subject')}. Before: {done.before}")
    if done.left_out:
        click.echo(
            f"{_many(done.left_out, 'subject')} of it were deleted since: their keys were "
            "destroyed, and nothing in the copy can be read of them."
        )


@gallery.command("export")
@click.argument("file", type=OUT_FILE)
@passphrase_file
@click.option("--force", is_flag=True, help="Replace FILE if it exists.")
@_as_json
@click.pass_obj
def export_people(
    settings: Settings, file: Path, passphrase_file: Path | None, force: bool, as_json: bool
) -> None:
    """Write everyone, with templates and history, into one encrypted FILE.

    A backup, or the way to another kiosk. The passphrase (8 characters or more) is asked for twice;
    without it nobody can read the file, you neither. Decisions are not exported.

    \b
    Examples:
      kiosk gallery export people.kiosk
      kiosk gallery export people.kiosk --passphrase-file secret.txt --force
    """
    with composition.open_gallery(settings) as opened:
        passphrase = ask_passphrase(passphrase_file, confirm=True)
        with _bar("writing") as tell:
            receipt = opened.export(file, passphrase, force=force, tell=tell)
    signed = Signing(private_folder(settings.key_file)).sign(file)
    if as_json:
        _print_json({"file": str(file), "signed": signed} | asdict(receipt))
        return
    click.echo(f"Wrote {_carried(receipt)} to {file}.")
    if signed:
        click.echo(f"Signed: send {signature_of(file).name} with it.")


@gallery.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@passphrase_file
@click.option("--yes", is_flag=True, help="Do not show who would come in, and do not ask.")
@_as_json
@click.pass_obj
def import_people(
    settings: Settings, file: Path, passphrase_file: Path | None, yes: bool, as_json: bool
) -> None:
    """Add everyone in FILE, made by `kiosk gallery export`, to this gallery.

    Shows first who made the file, who would come in, and who enrolled here is nearest to them. All
    of them or nobody: if a name is enrolled here already, nothing is changed and the names are
    listed. Each kiosk's own subjects stay as they are.

    \b
    Examples:
      kiosk gallery import people.kiosk
      kiosk gallery import people.kiosk --yes
    """
    if not file.is_file():
        raise InputError(f"There is no file {file}.", "Check the path.")
    signer = Signing(private_folder(settings.key_file)).verify(file)
    with composition.open_gallery(settings) as opened:
        passphrase = ask_passphrase(passphrase_file, confirm=False)
        if not yes:
            coming = opened.preview(file, passphrase)
            _show_coming(coming, signer)
            if not any(each.taken for each in coming):  # else the import says what to do
                click.confirm(f"Add {_many(len(coming), 'subject')}?", abort=True, err=True)
        with _bar("adding") as tell:
            receipt = opened.merge(file, passphrase, tell=tell)
    if as_json:
        _print_json({"file": str(file), "signer": signer.trust.value} | asdict(receipt))
    else:
        click.echo(f"Added {_carried(receipt)}.")


def _show_coming(coming: list[Incoming], signer: Signer) -> None:
    who = f"{signer.name} " if signer.name else ""
    mark = f" ({signer.fingerprint})" if signer.fingerprint else ""
    click.echo(f"Signed by: {who}{signer.trust.value}{mark}.", err=True)
    lines = [
        {
            "name": each.name,
            "templates": each.templates,
            "consent": each.consent,
            "taken": each.taken,
            "nearest": f"{each.nearest} {each.score:.2f}" if each.nearest else "",
            "alike": each.alike,
        }
        for each in coming
    ]
    headings = ("Name", "Templates", "Consent", "Name taken", "Nearest here", "Name looks like")
    _print_table(headings, lines, stderr=True)


@contextmanager
def _bar(text: str) -> Iterator[Callable[[float], None]]:
    """A bar on standard error, gone when the work is done."""
    with Bar(Console(stderr=True), text, 1.0, counted=Counted.SHARE) as bar:
        yield bar.tell


@gallery.command()
@click.option("--repair", is_flag=True, help="Mend what can be mended; a copy is made before.")
@_as_json
@click.pass_obj
def check(settings: Settings, repair: bool, as_json: bool) -> None:
    """Look for damage: encryption, structure, dangling rows, spoilt vectors, unknown models.

    Changes nothing without --repair. One line for each problem, and exit code 6 if there is any
    left.

    \b
    Examples:
      kiosk gallery check && kiosk gallery backup backup/
      kiosk gallery check --repair
    """
    if repair:
        _repair(settings)
    with composition.open_gallery(settings) as opened:
        found = opened.problems(_known_models())
        # Those of a damaged gallery may be past counting.
        count = None if found else len(opened.subjects())
    if as_json:
        _print_json({"subjects": count, "problems": found})
    else:
        for line in found:
            click.echo(line)
    if found:
        raise StorageError(
            f"The gallery has {_many(len(found), 'problem')}.",
            "Enrol those people again, or put back a copy.",
        )
    if count is not None and not as_json:
        click.echo(f"The gallery is sound: {_many(count, 'subject')}.")


def _repair(settings: Settings) -> None:
    """Beside a copy as it was: what is deleted here could still be looked at there."""
    before = settings.database.with_name(f"{settings.database.name}.before-repair")
    with composition.open_gallery(settings) as opened:
        opened.copy_as_it_is(before)
        done = opened.repair()
    for line in done:
        click.echo(line, err=True)
    if done:
        click.echo(f"As it was before: {before}", err=True)
    else:
        before.unlink(missing_ok=True)


def _known_models() -> set[str]:
    """The ids of all models in the manifest, whether their weights are present or not."""
    entries = manifest.load_manifest().values()
    return {f"{entry.name}@{entry.sha256[: manifest.SHORT_HASH]}" for entry in entries}


def _template_facts(template: Template) -> dict[str, Any]:
    return {
        "modality": template.modality.value,
        "model_id": template.model_id,
        "quality": round(template.quality, 3),
        "source": template.source,
        "created": template.created.isoformat() if template.created else "",
    }


def _by_model(templates: list[Template]) -> list[dict[str, Any]]:
    qualities: dict[tuple[str, str], list[float]] = {}
    for template in templates:
        key = (template.modality.value, template.model_id)
        qualities.setdefault(key, []).append(template.quality)
    return [
        {"modality": modality, "model": model_id, "count": len(some), "best": f"{max(some):.2f}"}
        for (modality, model_id), some in qualities.items()
    ]


def _record_facts(record: EnrolmentRecord) -> dict[str, Any]:
    return {
        "time": record.time.isoformat(),
        "kind": record.kind.value,
        "face_templates": record.face_templates,
        "voice_templates": record.voice_templates,
        "in_force": record.active,
    }


def _carried(receipt: ArchiveReceipt) -> str:
    return f"{_many(receipt.subjects, 'subject')}, {_many(receipt.templates, 'template')}"


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _print_json(value: Any) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def _print_table(
    headings: tuple[str, ...], lines: list[dict[str, Any]], *, stderr: bool = False
) -> None:
    """Names are folded rather than cut, whatever the width of the terminal."""
    table = Table(box=None, pad_edge=False)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for line in lines:
        table.add_row(*(_cell(key, value) for key, value in line.items()))
    Console(markup=False, highlight=False, stderr=stderr).print(table)


def _cell(key: str, value: Any) -> str:
    if key in ("created", "time"):
        return _day(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _day(time: str) -> str:
    """A stored moment for people: local wall time would differ between kiosks, so UTC is named."""
    return f"{time[:10]} {time[11:16]} UTC"
