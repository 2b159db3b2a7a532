"""The command `kiosk`: parse, call, print. Exit codes are in `errors` and `headless`."""

from __future__ import annotations

import errno
import importlib
import io
import logging
import os
import platform
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kiosk import __version__
from kiosk.cli import process
from kiosk.cli.formats import Format
from kiosk.core.errors import InputError, KnownError, StorageError
from kiosk.core.hardening import harden
from kiosk.core.redaction import Public
from kiosk.core.refused_memory import is_memory_refused

if TYPE_CHECKING:  # what reads settings is loaded when they are read: `--help` needs none
    from kiosk.core.settings import Settings
    from kiosk.core.settings_file import SettingsFile
    from kiosk.runtime.passphrase import Passphrase

_log = logging.getLogger(__name__)
_LOG_LEVELS = ("debug", "info", "warning", "error")
_COMMANDS = {
    "admin": ("kiosk.cli.admin", "Say who may open the staff pages of the screen."),
    "analyse": (
        "kiosk.cli.analyse",
        "Estimate emotion, age and gender along recordings, from face, voice and text.",
    ),
    "attendance": (
        "kiosk.cli.attendance",
        "See, put right and take away who was here when.",
    ),
    "audit": ("kiosk.cli.audit", "See and check the record of what was done."),
    "doctor": ("kiosk.cli.doctor", "See what works here, what does not, and how to mend it."),
    "enrol": ("kiosk.cli.enrol", "Enrol a new subject from recordings or live."),
    "enrol-folder": (
        "kiosk.cli.enrol",
        "Enrol everybody in a folder: PERSON/files, or PERSON-number.mp4.",
    ),
    "evaluate": ("kiosk.cli.evaluate", "Measure how well people are recognised, with intervals."),
    "events": ("kiosk.cli.events", "See, try and mend what is sent of every decision."),
    "fleet": (
        "kiosk.cli.fleet.commands",
        "Share the people of many kiosks through one PostgreSQL server.",
    ),
    "gallery": ("kiosk.cli.gallery", "See and change who is enrolled."),
    "greeting": (
        "kiosk.cli.greeting",
        "A line of greeting for one person, shown with their result to them alone.",
    ),
    "key": ("kiosk.cli.key", "See, exchange, copy and put back the key of the gallery."),
    "models": ("kiosk.cli.models", "See, get and check the weights of the networks."),
    "privacy": (
        "kiosk.cli.privacy",
        "Texts of consent, the record of processing, an impact assessment, one person's data.",
    ),
    "re-enrol": (
        "kiosk.cli.enrol",
        'Renew the templates of a subject, or undo that ("re-registration").',
    ),
    "serve": (
        "kiosk.cli.serve",
        "Answer requests of other programs over HTTP, on this machine or with TLS and tokens.",
    ),
    "settings": ("kiosk.cli.settings", "See, explain and change the settings."),
    "setup": (
        "kiosk.cli.setup",
        "Set the kiosk up: language, place, logo, colours, devices, consent, passphrase of staff.",
    ),
    "status": ("kiosk.cli.status", "How the kiosk that runs here is, and what to do about it."),
    "train": (
        "kiosk.cli.train.commands",
        "Train a recogniser or fit the calibration; every run can be stopped and resumed.",
    ),
}
"""Module and first line of the help of every command: `--help` imports none of them."""


class _LazyGroup(click.Group):
    """Commands are imported when they are called: `--help` must not load torch."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module = importlib.import_module(_COMMANDS[cmd_name][0])
        command: click.Command = getattr(module, cmd_name.replace("-", "_"))
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """From the table: the first line of each command's own help, which a test compares."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, _COMMANDS[name][1]) for name in sorted(_COMMANDS)])

    def invoke(self, ctx: click.Context) -> Any:
        """With a log from the first setting that is read to the last error."""
        from kiosk.runtime.logs import recording  # which brings numpy: `--help` needs none

        with recording(ctx.params["log_level"] or _LOG_LEVELS[1]):
            try:
                return super().invoke(ctx)
            except (click.ClickException, click.Abort, click.exceptions.Exit, BrokenPipeError):
                raise
            except Exception as error:
                _log.error("Ended by %s.", error, exc_info=True)
                raise


@click.group(cls=_LazyGroup, invoke_without_command=True)
@click.version_option(__version__, prog_name="kiosk")
@click.option("--config", type=click.Path(path_type=Path), help="A kiosk.toml other than your own.")
@click.option(
    "--set", "pairs", multiple=True, metavar="KEY=VALUE", help="Override one setting; repeatable."
)
@click.option(
    "--log-level",
    type=click.Choice(_LOG_LEVELS),
    help="What the log keeps, for once.",
)
@click.option("--windowed", is_flag=True, help="Screen in a window instead of the full screen.")
@click.option(
    "--kiosk",
    "held",
    is_flag=True,
    help="Hold the screen: only an operator's passphrase leads out.",
)
@click.option("--headless", is_flag=True, help="No screen: write decisions to standard output.")
@click.option(
    "--source",
    metavar="PATH-OR-URL",
    help="A recording, a folder of pictures, a live stream, or - for standard input.",
)
@click.option(
    "--camera",
    metavar="INDEX-OR-NAME",
    help="Webcam; 'none' for sound only. With no device named: those of the settings.",
)
@click.option("--microphone", metavar="NAME", help="Microphone; 'none' for picture only.")
@click.option("--once/--watch", default=None, help="Stop after one visit, or go on.")
@click.option("--duration", type=click.FloatRange(min=0.1), help="Stop after so many seconds.")
@click.option("--from", "begin", type=click.FloatRange(min=0), help="Skip so many seconds.")
@click.option("--to", "end", type=click.FloatRange(min=0), help="Stop at this second.")
@click.option("--realtime", is_flag=True, help="Play a recording at its own speed.")
@click.option(
    "--format",
    "form",
    type=click.Choice([f.value for f in Format]),
    default="text",
    show_default=True,
    help="Lines to read, JSON Lines (docs/schema/headless.json), or numeric keys.",
)
@click.option("--early", is_flag=True, help="Also write early answers, which may still change.")
@click.pass_context
def cli(ctx: click.Context, /, config: Path | None, pairs: tuple[str, ...], **options: Any) -> None:
    """Who is there? Identify people by face and voice, on this machine alone.

    Without a command, `kiosk` opens the walk-up screen; with --headless it writes decisions
    instead, one a line.

    \b
    Examples:
      kiosk --headless --source visit.mp4               one recording
      kiosk --headless --camera 0 --watch --format json | jq .name
      kiosk enrol "김민준" first.mp4 --consent text.txt  a new subject
      kiosk analyse visit.mp4 --out report/             emotion, age and gender over time
      kiosk doctor                                      what works here, what does not

    Exit codes of --headless: 0 identified, 10 unknown, 11 unusable or nobody, 12 face and voice
    contradict each other, 13 not a living person; of all commands: 2 usage or settings, 3 input,
    4 capture, 5 models, 6 storage, 7 enrolment refused, 8 a package of an extra is missing, 9 an
    event could not be sent, 130 interrupted.
    """
    file = _settings_file(config, pairs, options["log_level"])
    if ctx.invoked_subcommand in ("settings", "setup"):
        ctx.obj = file  # which may be wrong: these commands mend it
        return
    ctx.obj = settings = file.load()
    _log_start(
        ctx.invoked_subcommand or ("headless" if options["headless"] else "screen"), settings
    )
    if ctx.invoked_subcommand is not None:
        return
    if options["headless"]:
        ctx.exit(_run_headless(settings, options))
    ctx.exit(_run_screen(file, options))


def _settings_file(
    config: Path | None, pairs: tuple[str, ...], log_level: str | None
) -> SettingsFile:
    """The file and what stands above it; variables that nothing reads are named."""
    from kiosk.core.settings_file import SettingsFile
    from kiosk.core.settings_layers import about_unknown_variables, assignments

    for sentence in about_unknown_variables():
        click.echo(f"kiosk: {sentence}", err=True)
    given = assignments(pairs) | ({"log_level": log_level} if log_level else {})
    return SettingsFile(config, given)


def _log_start(what: str, settings: Settings) -> None:
    """`what` is one of our own commands. From here on the level of the settings counts."""
    from kiosk.runtime.logs import set_level

    set_level(settings.log_level)
    versions = Public(__version__), Public(platform.python_version())
    _log.info("Started: %s, kiosk %s, Python %s.", Public(what), *versions)


def _run_headless(settings: Settings, options: dict[str, Any]) -> int:
    from kiosk.cli.headless import Reporter
    from kiosk.runtime import composition, headless

    reporter = Reporter(Format(options["form"]), options["early"])
    source = composition.open_source(
        settings,
        options["source"],
        camera=options["camera"],
        microphone=options["microphone"],
        realtime=options["realtime"],
        begin=options["begin"],
        end=options["end"],
        awaited=_awaited(options),
    )
    once: bool | None = options["once"]
    with composition.open_gallery(settings) as gallery:
        left = composition.about_coverage(settings, gallery)
        if left:
            click.echo(f"kiosk: {left}", err=True)
        with process.ending(source.close) as ending:
            try:
                once = headless.run_headless(
                    settings,
                    gallery,
                    source,
                    reporter.publish,
                    once=once,
                    duration=options["duration"],
                )
            except (KnownError, BrokenPipeError):
                if not ending.asked:  # what a source says that was closed under it is no fault
                    raise
    if ending.asked:
        return 0  # told to end, and ended: what was seen until then is answered
    return reporter.exit_code() if once else 0


def _awaited(options: dict[str, Any]) -> bool:
    """Whether what is not there yet is waited for: with --watch, and where nothing is said of a
    camera and a microphone, which are watched."""
    return not options["once"] and (options["once"] is False or options["source"] is None)


def _run_screen(file: SettingsFile, options: dict[str, Any]) -> int:
    from kiosk.runtime.passphrase import Passphrase
    from kiosk.ui import launch

    if options["held"]:
        _require_held(options["windowed"], Passphrase.of(file.load()))
    return launch.run_screen(
        file,
        options["source"],
        camera=options["camera"],
        microphone=options["microphone"],
        windowed=options["windowed"],
        held=options["held"],
    )


def _require_held(windowed: bool, passphrase: Passphrase) -> None:
    """Raises InputError where a screen that is held could not be left, or not be held."""
    if windowed:
        raise InputError("A window does not hold the screen.", "Give --kiosk or --windowed.")
    if not passphrase.exists:
        raise InputError(
            "Nobody could leave the screen again: no passphrase is set.",
            "Run `kiosk admin passphrase` first.",
        )


def main() -> None:
    """Entry point: one line and an exit code for everything that is known to go wrong."""
    process.speak_utf8()
    process.open_closed_streams()
    process.end_at_second_interrupt()
    if not os.environ.get("KIOSK_DEBUG"):  # whoever looks for a fault may need the dump
        harden()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal without Korean, or a file name that is not UTF-8, must not end the work;
            # what comes out is still JSON.
            stream.reconfigure(errors="backslashreplace")
    try:
        code = cli.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except KeyboardInterrupt:
        text, code = _told(click.Abort())
        click.echo(text, err=True)
    except BrokenPipeError:
        _write_no_more()  # the reader has gone (`| head`): not an error
        code = 0
    except Exception as error:
        if os.environ.get("KIOSK_DEBUG") and not isinstance(error, KnownError | click.Abort):
            raise
        text, code = _told(error)
        click.echo(text, err=True)
    sys.exit(code or 0)


def _told(error: Exception) -> tuple[str, int]:
    """The line and the exit code."""
    if isinstance(error, KnownError):
        return f"kiosk: {error.text} {error.remedy}".rstrip(), error.exit_code
    if isinstance(error, click.Abort):
        return "kiosk: interrupted; what was finished is kept.", process.INTERRUPTED
    if is_memory_refused(error):
        return "kiosk: There is not enough memory. Close other programs, or add memory.", 1
    if isinstance(error, OSError):
        return _refused_by_system(error)
    return (
        f"kiosk: internal error ({type(error).__name__}). "
        "Please report it; KIOSK_DEBUG=1 shows where it happened.",
        70,
    )


def _refused_by_system(error: OSError) -> tuple[str, int]:
    """What the system did not let us do, where nothing nearer to it explained that."""
    if error.filename is None:
        _write_no_more()
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    where = f"{error.filename}: " if error.filename is not None else ""
    remedy = "Free some space." if full else "Check the path and who may use it."
    if error.errno in (errno.EMFILE, errno.ENFILE):
        remedy = "Close other programs, or allow more open files (ulimit -n, LimitNOFILE)."
    return (
        f"kiosk: {where}{error.strerror or type(error).__name__}. {remedy}",
        (StorageError if full else InputError).exit_code,
    )


def _write_no_more() -> None:
    """Python would flush what is left into the closed pipe or the full disk, and fail again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
