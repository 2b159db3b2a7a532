"""What clients send, in files that live no longer than their request.

Every request has a folder of its own (mode 0700) in the folder of this process, which holds a lock
as long as it runs: what a process that was killed has left is deleted at the next start. The body
is written as it arrives and never held in memory; nothing is believed of its stated length.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import secrets
import shutil
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import parse_qs

from kiosk.core.errors import DiskFull, StorageError
from kiosk.core.shown_text import shown
from kiosk.server.refusals import BadRequest, Incomplete, Invalid, TooLarge, TooSlow, WrongType

if TYPE_CHECKING:
    from starlette.requests import Request

MEGABYTE = 1_000_000
LOCK = "lock"
MOST_FILES, MOST_FIELDS = 20, 60
LONGEST_FIELD = 65_536
LONGEST_HEADERS = 8_192
LONGEST_NAME = 120
"""Bytes of a file's name that are kept of what the client calls it."""
IDLE_SECONDS = 10.0
"""A client that sends nothing for so long has lost its place."""
MULTIPART = "multipart/form-data"
URLENCODED = "application/x-www-form-urlencoded"
_BARE = ("video/", "audio/", "image/")
"""Kinds of a body that is one file itself."""


@dataclass(frozen=True)
class UploadLimits:
    """Bytes of a body, and seconds within which it has to be there."""

    bytes: int
    seconds: float = 60.0
    idle_seconds: float = IDLE_SECONDS


@dataclass
class Form:
    """Fields by name, and the files in the order in which they came."""

    fields: dict[str, list[str]] = field(default_factory=dict)
    files: list[Path] = field(default_factory=list)

    def text(self, name: str, default: str | None = None) -> str:
        """The last value of a field. Raises Invalid if it is missing."""
        found = self.fields.get(name)
        if found:
            return found[-1]
        if default is None:
            raise Invalid(f"The field {name} is missing.", "See /v1/openapi.json.")
        return default

    def flag(self, name: str) -> bool:
        """Whether a field says true. Raises Invalid."""
        value = self.text(name, "false").strip().lower()
        if value not in ("true", "false", "1", "0", ""):
            raise Invalid(f"The field {name} is {value!r}.", "Send true or false.")
        return value in ("true", "1")

    def choice(self, name: str, choices: tuple[str, ...], default: str) -> str:
        """One of the choices. Raises Invalid."""
        value = self.text(name, default) or default
        if value not in choices:
            raise Invalid(f"The field {name} is {value!r}.", f"Send one of {', '.join(choices)}.")
        return value

    def require_files(self) -> list[Path]:
        """At least one. Raises Invalid."""
        if not self.files:
            raise Invalid(
                "There is no file in the request.", "Send one or several as fields called `file`."
            )
        return self.files


class UploadFolder:
    """The folder of this process below `root`; made and cleaned by `open`."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._own = root / f"{os.getpid()}-{secrets.token_hex(4)}"
        self._lock: int | None = None

    def open(self) -> None:
        """Delete what others have left, and begin. Raises StorageError."""
        try:
            self._root.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._root.chmod(0o700)
            for left in self._root.iterdir():
                _delete_if_left(left)
            self._own.mkdir(mode=0o700)
            self._lock = _locked(self._own / LOCK)
        except OSError as error:
            raise StorageError(
                f"The folder {self._root} for uploads cannot be used.", f"{error.strerror}."
            ) from error

    def close(self) -> None:
        """Delete everything."""
        shutil.rmtree(self._own, ignore_errors=True)
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def new(self) -> Path:
        """The folder of one request; whoever asks for it deletes it with `delete`."""
        folder = self._own / secrets.token_hex(8)
        try:
            folder.mkdir(mode=0o700)
        except OSError as error:
            raise _cannot_keep(error) from error
        return folder


def delete(folder: Path) -> None:
    """A request is over."""
    shutil.rmtree(folder, ignore_errors=True)


def _locked(file: Path) -> int:
    handle = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        raise
    return handle


def _delete_if_left(folder: Path) -> None:
    """Unless its process still runs."""
    try:
        handle = _locked(folder / LOCK)
    except BlockingIOError:
        return
    except OSError:
        handle = None
    shutil.rmtree(folder, ignore_errors=True)
    if handle is not None:
        os.close(handle)


# --- reading a body ------------------------------------------------------------------------


def check_stated_length(headers: Mapping[str, str], limits: UploadLimits) -> None:
    """Raises TooLarge for a body that says so itself, before anything of it is read; BadRequest
    for a length that is none."""
    stated = headers.get("content-length")
    if stated is None:
        return
    if not stated.isdecimal() or len(stated) > 18:
        raise BadRequest("The stated length of the body is no number.", "Send its length in bytes.")
    if int(stated) > limits.bytes:
        raise TooLarge(
            f"The body has {_megabytes(int(stated))}; at most {_megabytes(limits.bytes)} are "
            "taken.",
            "Send less at once, or raise service_megabytes in the settings.",
            {"Connection": "close"},
        )


async def receive_form(request: Request, folder: Path, limits: UploadLimits) -> Form:
    """Fields and files of a form, or the one file that the body is. Raises RequestRefused and its
    children, DiskFull."""
    kind, parameters = _content_type(request.headers.get("content-type", ""))
    if request.headers.get("content-encoding", "identity") != "identity":
        raise WrongType("A compressed body is not read here.", "Send it as it is.")
    check_stated_length(request.headers, limits)
    body = _body(request, limits)
    if kind == MULTIPART:
        return await _multipart(body, parameters, folder)
    if kind.startswith(_BARE):
        return await _bare(body, kind, folder)
    told = shown(kind)[:80] or "unnamed kind"
    raise WrongType(
        f"A body of the kind {told} is not read here.",
        f"Send {MULTIPART}, or one file as video/*, audio/* or image/*.",
    )


async def receive_fields(request: Request, limits: UploadLimits) -> Form:
    """A small form without files, as web pages and the ancestors' clients send it."""
    kind, parameters = _content_type(request.headers.get("content-type", ""))
    check_stated_length(request.headers, limits)
    if kind == MULTIPART:
        return await _multipart(_body(request, limits), parameters, None)
    if kind != URLENCODED:
        raise WrongType(
            f"A body of the kind {shown(kind)[:80] or 'unnamed kind'} is not read here.",
            f"Send {MULTIPART} or {URLENCODED}.",
        )
    content = await receive_body(request, limits)
    try:
        return Form(parse_qs(content.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS))
    except ValueError as error:
        raise BadRequest("The form cannot be read.", "Send UTF-8.") from error


async def receive_body(request: Request, limits: UploadLimits) -> bytes:
    """A small body as it is. Raises TooLarge, TooSlow, Incomplete."""
    return b"".join([piece async for piece in _body(request, limits)])


async def _body(request: Request, limits: UploadLimits) -> AsyncIterator[bytes]:
    """The body piece by piece. Raises TooLarge, TooSlow, Incomplete."""
    from starlette.requests import ClientDisconnect

    loop = asyncio.get_running_loop()
    ends, size = loop.time() + limits.seconds, 0
    stream = request.stream().__aiter__()
    while True:
        left = min(limits.idle_seconds, ends - loop.time())
        try:
            async with asyncio.timeout(max(0.0, left)):
                piece = await anext(stream, None)
        except TimeoutError as error:
            raise TooSlow(
                f"The body was not there within {limits.seconds:g} s.",
                "Send it again over a faster line.",
                {"Connection": "close"},
            ) from error
        except ClientDisconnect as error:
            raise _broken_off() from error
        if piece is None:
            return
        size += len(piece)
        if size > limits.bytes:
            raise TooLarge(
                f"The body has more than {_megabytes(limits.bytes)}.",
                "Send less at once, or raise service_megabytes in the settings.",
                {"Connection": "close"},
            )
        if piece:
            yield piece


async def _bare(body: AsyncIterator[bytes], kind: str, folder: Path) -> Form:
    file = folder / f"body.{shown(kind.partition('/')[2])[:10].strip('./') or 'bin'}"
    with _new_file(file) as out:
        async for piece in body:
            _write(out, piece)
    return Form(files=[file])


async def _multipart(
    body: AsyncIterator[bytes], parameters: Mapping[str, str], folder: Path | None
) -> Form:
    from python_multipart.exceptions import MultipartParseError

    boundary = parameters.get("boundary", "")
    if not boundary:
        raise BadRequest("The form has no boundary.", "Let your HTTP library write Content-Type.")
    reader = _MultipartReader(boundary, folder)
    try:
        async for piece in body:
            reader.feed(piece)
        return reader.finish()
    except MultipartParseError as error:
        raise BadRequest(
            "The form is not well formed.", "Let your HTTP library write the form."
        ) from error
    finally:
        reader.close()


class _MultipartReader:
    """Writes the files of a form into a folder while the form comes in."""

    def __init__(self, boundary: str, folder: Path | None) -> None:
        from python_multipart.multipart import MultipartParser

        self._form = Form()
        self._folder = folder
        self._out: BinaryIO | None = None
        self._ended = False
        self._size = 0
        self._headers: dict[str, str] = {}
        self._key = self._value = b""
        self._field: bytearray | None = None
        self._name = ""
        self._parser = MultipartParser(
            boundary.encode("latin-1", "replace"),
            {
                "on_part_begin": self._begin,
                "on_header_field": self._header_key,
                "on_header_value": self._header_value,
                "on_header_end": self._header_end,
                "on_headers_finished": self._headers_finished,
                "on_part_data": self._data,
                "on_part_end": self._end,
                "on_end": self._finished,
            },
        )

    def feed(self, piece: bytes) -> None:
        """The next piece of the body."""
        self._parser.write(piece)

    def finish(self) -> Form:
        """The whole form. Raises Incomplete where its end is missing."""
        self._parser.finalize()
        if not self._ended:
            raise _broken_off()
        return self._form

    def close(self) -> None:
        """Let go of a file that is still open."""
        if self._out is not None:
            self._out.close()
            self._out = None

    def _begin(self) -> None:
        self._headers, self._size = {}, 0
        self._key = self._value = b""

    def _header_key(self, data: bytes, start: int, end: int) -> None:
        self._key += data[start:end]
        self._bound_headers(end - start)

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]
        self._bound_headers(end - start)

    def _bound_headers(self, more: int) -> None:
        self._size += more
        if self._size > LONGEST_HEADERS:
            raise BadRequest("A part of the form has too long a head.", "Shorten its names.")

    def _header_end(self) -> None:
        self._headers[self._key.decode("latin-1").lower()] = self._value.decode("utf-8", "replace")
        self._key = self._value = b""

    def _headers_finished(self) -> None:
        _kind, parameters = _content_type(self._headers.get("content-disposition", ""))
        self._name = parameters.get("name", "")
        if "filename" in parameters:
            self._begin_file(parameters["filename"])
        else:
            self._field = bytearray()
        if sum(len(each) for each in self._form.fields.values()) >= MOST_FIELDS:
            raise BadRequest(f"There are more than {MOST_FIELDS} fields.", "Send fewer.")

    def _begin_file(self, name: str) -> None:
        if self._folder is None:
            raise BadRequest("A file is not taken here.", "Send its path as a field.")
        if len(self._form.files) >= MOST_FILES:
            raise Invalid(f"There are more than {MOST_FILES} files.", "Send fewer at once.")
        place = self._folder / str(len(self._form.files))
        place.mkdir(mode=0o700)
        file = place / harmless_name(name)
        self._out = _new_file(file)
        self._form.files.append(file)

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._out is not None:
            _write(self._out, data[start:end])
        elif self._field is not None:
            self._field += data[start:end]
            if len(self._field) > LONGEST_FIELD:
                raise TooLarge(
                    f"The field {self._name} is longer than {LONGEST_FIELD} bytes.", "Shorten it."
                )

    def _end(self) -> None:
        self.close()
        if self._field is None:
            return
        try:
            value = self._field.decode()
        except UnicodeDecodeError as error:
            raise Invalid(f"The field {self._name} is not in UTF-8.", "Send UTF-8.") from error
        self._form.fields.setdefault(self._name, []).append(value)
        self._field = None

    def _finished(self) -> None:
        self._ended = True


def harmless_name(name: str) -> str:
    """What a client calls a file, as the name of one in a folder of its own: no path, nothing
    hidden, no longer than a file system takes. Errors quote it, so that people know which."""
    last = shown(name.replace("\\", "/").rpartition("/")[2]).replace("/", "_").strip().lstrip(".")
    stem, dot, ending = last.rpartition(".")
    if dot and len(ending) <= 10:
        kept = stem.encode()[:LONGEST_NAME].decode("utf-8", "ignore")
        last = f"{kept}.{ending}" if kept else ""
    else:
        last = last.encode()[:LONGEST_NAME].decode("utf-8", "ignore")
    return last or "upload"


def _content_type(header: str) -> tuple[str, dict[str, str]]:
    """Value and parameters of such a header, as far as it can be read."""
    from python_multipart.multipart import parse_options_header

    value, options = parse_options_header(header.encode("utf-8", "replace"))
    return (
        value.decode("latin-1").strip().lower(),
        {key.decode("latin-1"): _decoded(option) for key, option in options.items()},
    )


def _decoded(option: bytes) -> str:
    return option.decode("utf-8", "replace")


def _new_file(file: Path) -> BinaryIO:
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise _cannot_keep(error) from error
    return os.fdopen(handle, "wb")


def _write(out: BinaryIO, piece: bytes) -> None:
    try:
        out.write(piece)
    except OSError as error:
        raise _cannot_keep(error) from error


def _cannot_keep(error: OSError) -> DiskFull:
    return DiskFull(
        "There is no room for the upload.", f"Free some space on the disk ({error.strerror})."
    )


def _broken_off() -> Incomplete:
    return Incomplete("The request broke off before its end.", "Send it again.")


def _megabytes(size: int) -> str:
    return f"{size / MEGABYTE:.0f} MB"
