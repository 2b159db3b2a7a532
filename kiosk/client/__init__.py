"""A client of the kiosk's HTTP service, in one file that may be copied as it is; needs httpx.

    from kiosk.client import Kiosk

    with Kiosk("http://127.0.0.1:8790") as kiosk:
        answer = kiosk.identify("visit.mp4")
        print(answer.name, answer.probability)

Whatever the service refuses is a `Problem` with its text and remedy. Where it is busy the client
comes again when it is told to, as long as its patience lasts.
"""

from __future__ import annotations

import base64
import json
import ssl
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeAlias

import httpx

API_VERSION = 1
DEFAULT_URL = "http://127.0.0.1:8790"

Json: TypeAlias = dict[str, Any]
File: TypeAlias = "str | Path | bytes | tuple[str, bytes]"
"""A path, the content itself, or a name and the content."""


# --- what goes wrong -----------------------------------------------------------------------


class KioskError(Exception):
    """Root of what this client raises on purpose."""


class Unreachable(KioskError):
    """No service answered, or the connection broke."""


class Problem(KioskError):
    """The service refused: `status`, `code` (the class of the error), `text` and `remedy` in the
    language asked for, and the whole `document` (RFC 9457)."""

    def __init__(self, status: int, document: Mapping[str, Any]) -> None:
        self.status = status
        self.document = dict(document)
        self.code = str(document.get("code", ""))
        self.text = str(document.get("detail", "") or document.get("title", ""))
        self.remedy = str(document.get("remedy", ""))
        super().__init__(f"{self.text} {self.remedy}".strip() or f"status {status}")


class Busy(Problem):
    """Every place is taken; `retry_after` is in seconds."""

    @property
    def retry_after(self) -> float:
        """When it is worth another try."""
        return float(self.document.get("retry_after", 1))


class NotAllowed(Problem):
    """The token is missing, unknown, expired, revoked, or of another role."""


class NotFound(Problem):
    """Nobody and nothing of that id or name."""


_KINDS: dict[int, type[Problem]] = {401: NotAllowed, 403: NotAllowed, 404: NotFound, 429: Busy}


# --- what comes back -----------------------------------------------------------------------


@dataclass(frozen=True)
class Said:
    """What face and voice together, or one of them alone, say."""

    outcome: str
    name: str | None
    subject_id: int | None
    probability: float


@dataclass(frozen=True)
class Identification(Said):
    """Who it is. `estimates` by channel, `raw` is the whole answer (docs/schema/headless.json)."""

    face: Said | None
    voice: Said | None
    liveness: str
    estimates: Mapping[str, Json]
    notices: Sequence[str]
    raw: Json = field(repr=False)

    @property
    def identified(self) -> bool:
        """Whether somebody is named."""
        return self.outcome == "identified"


@dataclass(frozen=True)
class Verification:
    """Whether it is who they claim to be."""

    verified: bool
    subject_id: int
    name: str
    identification: Identification


@dataclass(frozen=True)
class Subject:
    """Somebody enrolled."""

    subject_id: int
    name: str
    note: str
    face_templates: int
    voice_templates: int
    last_seen: str | None
    raw: Json = field(repr=False)


@dataclass(frozen=True)
class Enrolled:
    """What an enrolment stored."""

    subject_id: int
    name: str
    kind: str
    face_templates: int
    voice_templates: int
    speech_seconds: float


@dataclass(frozen=True)
class Face:
    """One look at a picture; `outcome` 0 is usable, `crop` a PNG of 224 pixels."""

    time: float
    outcome: int
    hint: str | None
    quality: float
    box: Mapping[str, float] | None
    crop: bytes | None = field(repr=False)


@dataclass(frozen=True)
class Decision:
    """One line of the record."""

    decision_id: int
    time: str
    outcome: str
    subject_id: int | None
    name: str
    probability: float
    raw: Json = field(repr=False)


@dataclass(frozen=True)
class Consent:
    """That somebody agreed: to which text, in which language, and who was there."""

    version: str
    language: str
    text: str
    witness: str = ""


# --- the client ----------------------------------------------------------------------------


class Kiosk:
    """One service. Not for several threads at once; each makes its own.

    `certificate` is the file of a self-signed one; `language` is en or ko; `patience` the seconds
    for which a busy service is asked again.
    """

    def __init__(
        self,
        url: str = DEFAULT_URL,
        token: str | None = None,
        *,
        certificate: str | Path | None = None,
        language: str = "en",
        timeout: float = 120.0,
        patience: float = 60.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        headers = {"Kiosk-Client": f"kiosk/{API_VERSION}", "Accept-Language": language}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        verify: ssl.SSLContext | bool = True
        if certificate is not None:
            verify = ssl.create_default_context(cafile=str(certificate))
        self._http = httpx.Client(base_url=url, headers=headers, timeout=timeout, verify=verify)
        self._patience = patience
        self._sleep = sleep

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # --- recognition ---------------------------------------------------------------------

    def identify(self, *files: File) -> Identification:
        """Who is in these files, taken as one visit."""
        return _identification(self._send("/v1/identify", files))

    def verify(self, claimed: int | str, *files: File) -> Verification:
        """Whether the files are of the subject of this id or name."""
        which = "subject_id" if isinstance(claimed, int) else "name"
        told = self._send("/v1/verify", files, {which: str(claimed)})
        return Verification(
            told["verified"], told["subject_id"], told["name"], _identification(told)
        )

    def analyse(self, *files: File, text: str | None = None, step: float = 2.0) -> list[Json]:
        """Emotion, age and gender along recordings (docs/schema/analysis.json)."""
        fields = {"step": f"{step:g}"} | ({"text": text} if text is not None else {})
        analyses: list[Json] = self._send("/v1/analyse", files, fields)["analyses"]
        return analyses

    def read_text(self, text: str) -> Json:
        """The emotion of a sentence: what is estimated, by emotion; empty where nothing is."""
        (analysis,) = self._json("POST", "/v1/text", {"text": text})["analyses"]
        fused = [each for each in analysis["whole"] if each["modality"] == "fused"]
        found: Json = (fused[0]["emotion"] or {}) if fused else {}
        return found

    def faces(self, *files: File, crops: bool = True) -> list[Face]:
        """Where the face is, four times a second, and the face itself."""
        told = self._send("/v1/faces", files, {"crops": str(crops).lower()})
        return [
            Face(
                each["time"],
                each["outcome"],
                each["hint"],
                each["quality"],
                each["box"],
                base64.b64decode(each["crop"]) if each["crop"] else None,
            )
            for each in told["faces"]
        ]

    # --- people --------------------------------------------------------------------------

    def subjects(self) -> Iterator[Subject]:
        """Everybody enrolled, by name."""
        offset: int | None = 0
        while offset is not None:
            page = self._json("GET", "/v1/subjects", params={"offset": offset})
            yield from (_subject(each) for each in page["subjects"])
            offset = page["next"]

    def subject(self, subject_id: int) -> Subject:
        """One, with history and consents in `raw`. Raises NotFound."""
        return _subject(self._json("GET", f"/v1/subjects/{subject_id}"))

    def enrol(
        self,
        name: str,
        *files: File,
        note: str = "",
        only: str = "",
        allow_duplicate: bool = False,
        consent: Consent | None = None,
        ground: str = "",
    ) -> Enrolled:
        """Somebody new, with their consent, or with the legal ground where it is another."""
        fields = {
            "name": name,
            "note": note,
            "only": only,
            "allow_duplicate": str(allow_duplicate).lower(),
            "ground": ground,
            **_consent_fields(consent),
        }
        return _enrolled(self._send("/v1/subjects", files, fields))

    def re_enrol(
        self,
        subject_id: int,
        *files: File,
        replace: bool = True,
        only: str = "",
        force: bool = False,
        consent: Consent | None = None,
    ) -> Enrolled:
        """New templates, in place of the old ones or beside them."""
        fields = {
            "kind": "replace" if replace else "add",
            "only": only,
            "force": str(force).lower(),
            **_consent_fields(consent),
        }
        return _enrolled(self._send(f"/v1/subjects/{subject_id}/enrolments", files, fields))

    def roll_back(self, subject_id: int) -> Enrolled:
        """Undo the newest re-enrolment."""
        return _enrolled(self._json("POST", f"/v1/subjects/{subject_id}/rollback"))

    def rename(self, subject_id: int, name: str) -> str:
        """Another name; returns it as it is stored."""
        told = self._json("PATCH", f"/v1/subjects/{subject_id}", {"name": name})
        return str(told["name"])

    def remove(self, subject_id: int) -> int:
        """Delete somebody for good; returns how many templates."""
        return int(self._json("DELETE", f"/v1/subjects/{subject_id}")["templates"])

    def give_consent(self, subject_id: int, consent: Consent) -> None:
        """Put it on record."""
        self._json("POST", f"/v1/subjects/{subject_id}/consents", vars(consent))

    def withdraw_consent(self, subject_id: int) -> None:
        """It was taken back."""
        self._json("DELETE", f"/v1/subjects/{subject_id}/consents")

    # --- what was decided ----------------------------------------------------------------

    def decisions(
        self, subject_id: int | None = None, since: str | None = None
    ) -> Iterator[Decision]:
        """The record, newest first; `since` is ISO 8601."""
        params = {"subject_id": subject_id, "since": since, "before": None}
        while True:
            asked = {key: value for key, value in params.items() if value is not None}
            page = self._json("GET", "/v1/decisions", params=asked)
            yield from (_decision(each) for each in page["decisions"])
            if page["next"] is None:
                return
            params["before"] = page["next"]

    def events(self, after: int | None = None) -> Iterator[Decision]:
        """Every decision as it is made, for as long as one listens; with `after` those behind that
        id first. Raises Unreachable where the connection breaks: go on behind the last one."""
        headers = {"Last-Event-ID": str(after)} if after is not None else {}
        timeout = httpx.Timeout(30.0, read=60.0)  # the service says something every 15 s
        try:
            with self._http.stream("GET", "/v1/events", headers=headers, timeout=timeout) as answer:
                if answer.status_code != 200:
                    answer.read()
                    raise _problem(answer)
                for line in answer.iter_lines():
                    if line.startswith("data: "):
                        yield _decision(json.loads(line.removeprefix("data: ")))
        except httpx.TransportError as error:
            raise Unreachable(str(error)) from error

    # --- the service ---------------------------------------------------------------------

    def health(self) -> Json:
        """Whether it can answer: `status` is ready, loading or failed."""
        return self._json("GET", "/v1/health")

    def models(self) -> list[Json]:
        """Every model, those in use first."""
        models: list[Json] = self._json("GET", "/v1/models")["models"]
        return models

    def submit(self, what: str, *files: File, **fields: str) -> Job:
        """Have long work done without waiting: `identify`, `verify`, `analyse`, `faces`, or
        `subjects` to enrol; fields as docs/api.md has them."""
        told = self._send(f"/v1/{what}", files, fields, {"Prefer": "respond-async"})
        return Job(self, told)

    # --- steps ---------------------------------------------------------------------------

    def _send(
        self,
        path: str,
        files: Sequence[File],
        fields: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Json:
        sent = [("file", _part(each)) for each in files]
        return self._answer(
            lambda: self._http.post(path, files=sent, data=dict(fields or {}), headers=headers)
        )

    def _json(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        params: Mapping[str, Any] | None = None,
    ) -> Json:
        return self._answer(
            lambda: self._http.request(method, path, json=body, params=dict(params or {}))
        )

    def _answer(self, ask: Callable[[], httpx.Response]) -> Json:
        """What comes back; a busy service is asked again while patience lasts."""
        left = self._patience
        while True:
            try:
                answer = ask()
            except httpx.TransportError as error:
                raise Unreachable(f"The service did not answer: {error}") from error
            if answer.status_code < 400:
                found: Json = answer.json() if answer.content else {}
                return found
            problem = _problem(answer)
            if not isinstance(problem, Busy) or problem.retry_after > left:
                raise problem
            left -= problem.retry_after
            self._sleep(problem.retry_after)


class Job:
    """Long work that was handed in; kept for ten minutes after its end."""

    def __init__(self, kiosk: Kiosk, told: Json) -> None:
        self._kiosk = kiosk
        self._told = told
        self.job_id = str(told["job_id"])

    @property
    def state(self) -> str:
        """waiting, running, done, failed or cancelled, when it was last asked for."""
        return str(self._told["state"])

    @property
    def progress(self) -> float:
        """0..1."""
        return float(self._told["progress"])

    def refresh(self) -> Self:
        """Ask how it is."""
        self._told = self._kiosk._json("GET", f"/v1/jobs/{self.job_id}")
        return self

    def result(self, interval: float = 0.5) -> Json:
        """Wait for the end; what the request itself would have answered. Raises Problem."""
        while self.refresh().state in ("waiting", "running"):
            self._kiosk._sleep(interval)
        if self.state != "done":
            problem = self._told["problem"] or {"title": f"The job was {self.state}."}
            raise _KINDS.get(problem.get("status", 0), Problem)(problem.get("status", 0), problem)
        found: Json = self._told["result"]
        return found

    def cancel(self) -> None:
        """Stop it, or forget its result."""
        self._kiosk._json("DELETE", f"/v1/jobs/{self.job_id}")


def _part(file: File) -> tuple[str, bytes]:
    if isinstance(file, bytes):
        return "upload", file
    if isinstance(file, tuple):
        return file
    path = Path(file)
    return path.name, path.read_bytes()


def _problem(answer: httpx.Response) -> Problem:
    try:
        document = answer.json()
    except ValueError:
        document = {}
    document = document if isinstance(document, dict) else {}
    return _KINDS.get(answer.status_code, Problem)(answer.status_code, document)


def _said(told: Json | None) -> Said | None:
    if told is None:
        return None
    return Said(told["outcome"], told["name"], told["subject_id"], told["probability"])


def _identification(told: Json) -> Identification:
    decision = told["decision"]
    return Identification(
        decision["outcome"],
        decision["name"],
        decision["subject_id"],
        decision["probability"],
        _said(decision["face"]),
        _said(decision["voice"]),
        decision["liveness"]["outcome"],
        {each["modality"]: each for each in decision["attributes"]},
        told["notices"],
        told,
    )


def _subject(told: Json) -> Subject:
    return Subject(
        told["subject_id"],
        told["name"],
        told["note"],
        told["face_templates"],
        told["voice_templates"],
        told["last_seen"],
        told,
    )


def _enrolled(told: Json) -> Enrolled:
    return Enrolled(
        told["subject_id"],
        told["name"],
        told["kind"],
        told["face_templates"],
        told["voice_templates"],
        told["speech_seconds"],
    )


def _decision(told: Json) -> Decision:
    return Decision(
        told["decision_id"],
        told["time"],
        told["outcome"],
        told["subject_id"],
        told["name"],
        told["probability"],
        told,
    )


def _consent_fields(consent: Consent | None) -> dict[str, str]:
    if consent is None:
        return {}
    return {f"consent_{key}": value for key, value in vars(consent).items()}
