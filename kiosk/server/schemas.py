"""What the interface takes and gives, as OpenAPI tells it; the words are those of the documents in
docs/schema."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Share = Annotated[float, Field(ge=0, le=1)]
Outcome = Literal["identified", "unknown", "unusable", "contradicted", "not_live"]
Kind = Literal["face", "voice"]


class Strict(BaseModel):
    """Nothing that is not named."""

    model_config = ConfigDict(extra="forbid")


class Like(Strict):
    """Somebody enrolled whom new samples resemble."""

    subject_id: int
    name: str
    modality: Kind
    fused_llr: float


class Problem(BaseModel):
    """A problem document (RFC 9457). `detail` and `remedy` are the text and remedy of the command
    line, in the language asked for; where that is Korean, `detail_en` and `remedy_en` hold the
    English ones."""

    type: str
    title: str
    status: int
    detail: str
    remedy: str
    code: str
    exit_code: int
    detail_en: str | None = None
    remedy_en: str | None = None
    retry_after: int | None = None
    duplicates: list[Like] | None = None


class Said(Strict):
    """What one modality alone would have said."""

    outcome: Outcome
    name: str | None
    subject_id: int | None
    probability: Share
    reason: str


class Candidate(Strict):
    """A subject the probes were compared with; llr are natural-log likelihood ratios."""

    subject_id: int
    name: str
    probability: Share
    fused_llr: float
    face_score: float | None
    voice_score: float | None
    face_llr: float | None
    voice_llr: float | None


class Emotion(Strict):
    """`sure` is false where the honest answer is not sure."""

    top: str
    code: int
    confidence: Share
    sure: bool
    probabilities: dict[str, Share]


class Age(Strict):
    """Years and the interval in which `confidence` of people lie."""

    years: float
    low: float
    high: float
    confidence: Share
    sure: bool
    group: int
    group_confidence: Share


class Gender(Strict):
    """As it appears, never as somebody is."""

    top: Literal["male", "female"]
    code: int
    confidence: Share
    sure: bool


class Estimates(Strict):
    """Of one channel, or of all together; null where nothing is said."""

    modality: Literal["face", "voice", "text", "fused"]
    quality: Share
    emotion: Emotion | None
    age: Age | None
    gender: Gender | None


class Channel(Strict):
    """One channel of presentation attack detection."""

    pad_score: float | None
    samples: int
    seconds: float
    reason: str


class Liveness(Strict):
    """Whether a living person was there."""

    outcome: str
    pad_score: float | None
    reason: str
    channels: dict[str, Channel]


class Decision(BaseModel):
    """One decision; see docs/schema/headless.json."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    schema_: Literal["kiosk.headless/1"] = Field(alias="schema")
    type: Literal["decision"]
    visit: int
    time: float
    final: bool
    outcome: Outcome
    name: str | None
    subject_id: int | None
    probability: Share
    reason: str
    modalities: list[Kind]
    conflict: bool
    face: Said | None
    voice: Said | None
    candidates: list[Candidate]
    face_quality: float | None
    voice_quality: float | None
    good_frames: int
    speech_seconds: float
    face_outcomes: dict[str, int]
    hint: str | None
    latency: float
    attributes: list[Estimates]
    liveness: Liveness


class Answer(Strict):
    """What every answer of the models begins with."""

    schema_: Literal["kiosk.service/1"] = Field(alias="schema")


class IdentifyAnswer(Answer):
    """Who it is, and what of the media could not be used."""

    decision: Decision
    seconds: float
    notices: list[str]


class VerifyAnswer(IdentifyAnswer):
    """Whether it is who they claim to be."""

    subject_id: int
    name: str
    verified: bool


class Segment(Strict):
    """A stretch of a recording."""

    start: float
    end: float
    attributes: list[Estimates]
    face_outcomes: dict[str, int]
    speech_seconds: float


class Analysis(Strict):
    """One recording or text; see docs/schema/analysis.json."""

    schema_: Literal["kiosk.analysis/1"] = Field(alias="schema")
    file: str
    segments: list[Segment]
    whole: list[Estimates]
    notices: list[str]


class AnalyseAnswer(Answer):
    """One analysis to each file."""

    analyses: list[Analysis]


class Size(Strict):
    """Pixels."""

    width: int
    height: int


class Rectangle(Strict):
    """Pixels; may lie outside the picture."""

    x: float
    y: float
    width: float
    height: float


class HeadPose(Strict):
    """Degrees."""

    yaw: float
    pitch: float
    roll: float


class FaceLook(Strict):
    """One look at a picture: outcome 0 usable, 1 no face, 2 several faces, 3 too small, 4 cut off,
    5 turned or covered, 6 poor picture. `crop` is the aligned face, PNG of 224 pixels, base64."""

    time: float
    outcome: Annotated[int, Field(ge=0, le=6)]
    outcome_name: str
    hint: str | None
    quality: Share
    face_count: int
    picture: Size
    box: Rectangle | None
    landmarks: list[list[float]] | None
    pose: HeadPose | None
    crop: str | None


class FacesAnswer(Answer):
    """Four looks a second."""

    faces: list[FaceLook]
    seconds: float
    notices: list[str]


class EnrolAnswer(Strict):
    """What was stored."""

    subject_id: int
    name: str
    kind: Literal["new", "add", "replace", "rollback"]
    face_templates: int
    face_samples_dropped: int
    voice_templates: int
    speech_seconds: float


class ConsentBody(Strict):
    """That somebody agreed: to which text, in which language, and who was there."""

    version: Annotated[str, Field(min_length=1, max_length=40)]
    language: Annotated[str, Field(min_length=2, max_length=20)]
    text: Annotated[str, Field(min_length=1, max_length=20_000)]
    witness: Annotated[str, Field(max_length=200)] = ""


class ConsentRecord(Strict):
    """A consent as it is kept."""

    time: str
    version: str
    language: str
    text: str
    witness: str
    withdrawn: str | None


class SubjectLine(Strict):
    """One of the list of everybody."""

    subject_id: int
    name: str
    note: str
    created: str
    face_templates: int
    voice_templates: int
    origin: Literal["staff", "self", "confirmed"]
    last_seen: str | None
    consent: ConsentRecord | None


class Enrolment(Strict):
    """One line of a subject's history."""

    time: str
    kind: Literal["new", "add", "replace", "rollback"]
    face_templates: int
    voice_templates: int
    in_force: bool


class SubjectCard(SubjectLine):
    """One subject with its history, newest first, and every consent."""

    history: list[Enrolment]
    consents: list[ConsentRecord]


class SubjectPage(Strict):
    """By name; `next` is where the next page begins, null on the last one."""

    subjects: list[SubjectLine]
    total: int
    next: int | None


class Renamed(Strict):
    """A subject and its name."""

    subject_id: int
    name: str


class Removed(Strict):
    """A subject that is gone, and how many templates of it."""

    subject_id: int
    templates: int


class NameBody(Strict):
    """A new name."""

    name: Annotated[str, Field(max_length=1000)]


class TextBody(Strict):
    """Words said or written, Korean or English."""

    text: Annotated[str, Field(min_length=1, max_length=10_000)]


class DecisionLine(Strict):
    """One decision as it is kept; scores are those of the top candidate."""

    decision_id: int
    time: str
    outcome: Outcome
    subject_id: int | None
    name: str
    probability: float
    fused_llr: float | None
    face_score: float | None
    face_llr: float | None
    voice_score: float | None
    voice_llr: float | None
    conflict: bool
    reason: str
    with_face: bool
    with_voice: bool
    corrected_by: Literal["visitor", "staff"] | None
    corrected_to: int | None


class DecisionPage(Strict):
    """Newest first; `next` is the `before` of the next page, null on the last one."""

    decisions: list[DecisionLine]
    next: int | None


class Health(Strict):
    """Whether the service can answer; `code` and `title` say what fails."""

    status: Literal["ready", "loading", "failed"]
    version: str
    api: int
    code: str | None = None
    title: str | None = None


class Model(Strict):
    """One model of the manifest."""

    name: str
    role: str
    modality: Kind | None
    state: str
    in_use: bool
    bytes: int
    licence: str
    about: str
    remedy: str


class Models(Strict):
    """Those in use first."""

    models: list[Model]


class JobState(Strict):
    """Where long work stands; `result` is what the request itself would have answered."""

    job_id: str
    what: str
    state: Literal["waiting", "running", "done", "failed", "cancelled"]
    progress: Share
    result: Any | None = None
    problem: Problem | None = None
