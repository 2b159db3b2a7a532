"""Puts the kiosk together: the one place that knows every concrete class.

torch and PySide6 are imported inside the functions that need them, so that `kiosk --help` and the
first screen do not wait for them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.core.attribute_fusion import good_enough, wanted
from kiosk.core.errors import InputError, ModelError, SettingsError
from kiosk.core.estimates import Channel
from kiosk.core.events import Fault
from kiosk.core.liveness import liveness_required
from kiosk.core.media import Modality
from kiosk.core.ports.capture import ProgressCallback, Source
from kiosk.core.ports.inference import NewPipelines, Pipelines
from kiosk.core.ports.upgrade import UpgradeStore, VisitLearner
from kiosk.core.scoring import PAIR_LLR
from kiosk.core.settings import Settings
from kiosk.core.status import ModelCoverage
from kiosk.core.upgrades import ModelUpgrade
from kiosk.enrolment.collector import Collector
from kiosk.enrolment.enroller import Enroller
from kiosk.enrolment.session import EnrolmentSession, Told
from kiosk.enrolment.template_migration import TemplateMigration
from kiosk.enrolment.visit_learning import VisitLearners, VisitLearning
from kiosk.recognition.attribute_gathering import Estimators
from kiosk.recognition.greeting import Greeter
from kiosk.recognition.identification import Identifier, Models, OtherFace, OtherVoice
from kiosk.recognition.liveness import LivenessCheck
from kiosk.recognition.liveness_gathering import PadModels
from kiosk.recognition.spoken_request import SpokenRequest
from kiosk.recognition.turn_request import RequestWish
from kiosk.recognition.visit import Publish, Visit
from kiosk.recognition.visit_log import LenientLog, VisitLog
from kiosk.runtime.activity_log import log_models, logged
from kiosk.runtime.backups import backing_up
from kiosk.runtime.engine import Engine, VisitSetup
from kiosk.runtime.events_out import Wake, delivering
from kiosk.runtime.fleet.service import following
from kiosk.runtime.metrics import RuntimeMetrics
from kiosk.runtime.policy import liveness_policy, policy

if TYPE_CHECKING:
    from kiosk.runtime.fleet.search import FleetSearch
    from kiosk.storage import SqlGallery


@contextmanager
def open_gallery(settings: Settings, *, actor: str = "shell") -> Iterator[SqlGallery]:
    """The encrypted gallery, made with its key on the first use; `actor` is who does what is
    recorded of it. Raises StorageError."""
    from kiosk import storage

    gallery = storage.open_gallery(settings.database, settings.key_file)
    gallery.actor = actor
    try:
        yield gallery
    finally:
        gallery.close()


def open_source(
    settings: Settings,
    text: str | None,
    *,
    camera: str | None = None,
    microphone: str | None = None,
    realtime: bool = False,
    begin: float | None = None,
    end: float | None = None,
    awaited: bool = False,
) -> Source:
    """A recording, stream, or devices, what the settings say unless others are named; a part of it
    when `begin` or `end` is given. Devices or a stream that are `awaited` need not be there yet."""
    from kiosk.capture import sources
    from kiosk.capture.window import Window

    if text is not None and (camera is not None or microphone is not None):
        raise InputError("A source and devices cannot be mixed.", "Give --source or --camera.")
    if text is None and camera is None and microphone is None:
        text = settings.stream or None
    if text is None:
        camera, microphone = _devices(settings, camera, microphone)
    source = sources.open_source(
        text, camera=camera, microphone=microphone, realtime=realtime, awaited=awaited
    )
    if begin is None and end is None:
        return source
    return Window(source, begin or 0.0, end)


def _devices(
    settings: Settings, camera: str | None, microphone: str | None
) -> tuple[str | None, str | None]:
    """What to open: those of the settings where neither is named, or the one named is "none"; else
    only what is named. Raises InputError where nothing is left."""
    if camera in (None, "none") and microphone in (None, "none"):
        camera, microphone = camera or settings.camera, microphone or settings.microphone
    found = _wanted(camera or "none", "auto"), _wanted(microphone or "none", "default")
    if found == (None, None):
        raise InputError("There is neither camera nor microphone to open.", "Name one of them.")
    return found


def _wanted(setting: str, usual: str) -> str | None:
    """What the name of a device in the settings opens."""
    return None if setting == "none" else usual if setting == "auto" else setting


def build_models(settings: Settings, store: UpgradeStore | None = None) -> Models:
    """Load detector, voice activity and both embedders; with the gallery given, also those that
    some of its people have templates of alone. Raises ModelError, SettingsError."""
    from kiosk.inference import build_face, build_voice, manifest
    from kiosk.inference.devices import choose_device, limit_threads

    limit_threads(settings)
    device = choose_device(settings)
    face_entry = manifest.choose(settings, Modality.FACE)
    voice_entry = manifest.choose(settings, Modality.VOICE)
    models = Models(
        load_pipelines(settings),
        build_face(face_entry, settings, device),
        build_voice(voice_entry, settings, device),
        face_entry.calibration,
        voice_entry.calibration,
        *_other_models(settings, store),
    )
    log_models(models)
    return models


def _other_models(
    settings: Settings, store: UpgradeStore | None
) -> tuple[tuple[OtherFace, ...], tuple[OtherVoice, ...]]:
    """Recognisers beside the chosen ones. Templates keep the `model_id` they were made under,
    whatever the entry of the same weights is called now."""
    from kiosk.inference import build_face, build_voice
    from kiosk.inference.devices import choose_device
    from kiosk.runtime.model_coverage import plan_models

    if store is None:
        return (), ()
    device, faces, voices = choose_device(settings), [], []
    for each in plan_models(settings, store, Modality.FACE).others:
        face = build_face(each.entry, settings, device)
        face.model_id = each.model_id
        faces.append(OtherFace(face, each.entry.calibration))
    for each in plan_models(settings, store, Modality.VOICE).others:
        voice = build_voice(each.entry, settings, device)
        voice.model_id = each.model_id
        voices.append(OtherVoice(voice, each.entry.calibration))
    return tuple(faces), tuple(voices)


def coverage(settings: Settings, store: UpgradeStore) -> list[ModelCoverage]:
    """Whom the chosen models can recognise, for each modality that has one."""
    from kiosk.runtime.model_coverage import plan_models

    found = []
    for modality in Modality:
        with suppress(ModelError):
            found.append(plan_models(settings, store, modality).coverage)
    return found


def about_coverage(settings: Settings, store: UpgradeStore) -> str:
    """One line about those whom the chosen models do not know; empty where there is nobody."""
    from kiosk.runtime.model_coverage import as_sentence, remedy

    left = [each for each in coverage(settings, store) if not each.complete]
    remedies = dict.fromkeys(remedy(each) for each in left)
    told = [f"{as_sentence(each)}." for each in left]
    return " ".join([*told, *(text for text in remedies if text)])


def learn_from_pictures(
    settings: Settings,
    gallery: SqlGallery,
    upgrades: Sequence[ModelUpgrade],
    *,
    suffices: bool,
    tell: ProgressCallback,
) -> None:
    """Take samples for upgrades of the face recogniser from kept pictures, if there are any."""
    from kiosk.enrolment.picture_samples import PictureSamples, pictured

    if not any(pictured(gallery, each.modality, each.old, each.new) for each in upgrades):
        return
    models = build_models(settings, gallery)
    identifier = Identifier(models, gallery, policy(settings), gallery.reported_mismatches)
    migration = TemplateMigration(gallery, identifier, settings)
    pictures = PictureSamples(models, identifier, gallery, settings.min_llr or PAIR_LLR)
    for upgrade in upgrades:
        pictures.learn(upgrade, migration, suffices=suffices, tell=tell)


def load_pipelines(settings: Settings) -> NewPipelines:
    """Load what finds and judges faces and speech, once; what is returned makes the pipelines of a
    session. Raises ModelError, SettingsError."""
    from kiosk.inference import manifest
    from kiosk.inference.devices import choose_device
    from kiosk.inference.face.detection import FaceDetector
    from kiosk.inference.face.occlusion import load_cover_head
    from kiosk.inference.face.pipeline import TrackedFacePipeline
    from kiosk.inference.voice.activity import VoiceActivity, load_silero
    from kiosk.inference.voice.pipeline import SileroVoicePipeline, VoicePipelineConfig

    voice_config = VoicePipelineConfig(
        needed_seconds=settings.speech_seconds, limit_seconds=settings.speech_limit
    )
    detector = FaceDetector(settings.min_face, choose_device(settings))
    cover = load_cover_head(manifest.shipped("face-cover"))
    activity = load_silero()

    def pipelines() -> Pipelines:
        return Pipelines(
            TrackedFacePipeline(detector, settings, cover),
            SileroVoicePipeline(voice_config, VoiceActivity(activity)),
        )

    return pipelines


def build_liveness(
    settings: Settings,
    *,
    live: bool,
    delayed: Callable[[float, int], None] = lambda seconds, visits: None,
) -> LivenessCheck:
    """Presentation attack detection as the setting asks for it; `live` is whether a camera is
    looked at and not a recording, `delayed` hears how late sound comes. Raises ModelError."""
    models = PadModels() if settings.liveness == "off" else build_pad_models(settings)
    required = liveness_required(settings.liveness, from_devices=live)
    wish = RequestWish(settings.liveness_request)
    rule = liveness_policy(settings)
    spoken = SpokenRequest(settings.spoken_request)
    return LivenessCheck(
        models, required=required, policy=rule, request=wish, spoken=spoken, delayed=delayed
    )


def build_pad_models(settings: Settings) -> PadModels:
    """Load the channels of presentation attack detection. Raises ModelError."""
    from kiosk.inference.devices import limit_threads
    from kiosk.inference.liveness import lip_sound, picture
    from kiosk.inference.liveness.motion import FlowMotion
    from kiosk.inference.manifest import find_entry

    limit_threads(settings)
    return PadModels(
        picture.load_picture_liveness(settings),
        FlowMotion(),
        lip_sound.load_lip_model(settings),
        find_entry(picture.NAME).calibration,
        find_entry(lip_sound.NAME).calibration,
    )


def build_estimators(settings: Settings, *, text: bool = False) -> Estimators:
    """Load what estimates the attributes that are wanted, and nothing else; that of `text` is no
    part of a visit. Raises ModelError.

    The one place where estimators are made: where emotion is not wanted (and the profiles workplace
    and education never want it) no network of emotion alone is loaded, and `Estimators` lets no
    emotion of the others through.
    """
    from kiosk.inference import attribute_fusion, manifest
    from kiosk.inference.devices import limit_threads
    from kiosk.inference.face import attributes as face
    from kiosk.inference.text import emotion as words
    from kiosk.inference.voice import attributes as voice

    want = wanted(settings)
    if not want.anything:
        return Estimators(want)
    limit_threads(settings)
    names = {Channel.FACE: face.NAME, Channel.VOICE: voice.NAME, Channel.TEXT: words.NAME}
    weak = {channel: manifest.find_entry(name).weak for channel, name in names.items()}
    asked = {channel: good_enough(want, names, settings) for channel, names in weak.items()}
    return Estimators(
        want,
        attribute_fusion.load_fusion(settings),
        face.load_face_attributes(settings) if asked[Channel.FACE].anything else None,
        voice.load_voice_attributes(settings) if asked[Channel.VOICE].anything else None,
        words.load_text_emotion(settings) if text and asked[Channel.TEXT].emotion else None,
        asked,
    )


@dataclass(frozen=True)
class EnrolmentTools:
    """What an enrolment needs."""

    settings: Settings
    gallery: SqlGallery
    models: Models
    identifier: Identifier
    enroller: Enroller
    collector: Collector

    def new_collector(self) -> Collector:
        """An empty collector for the next person."""
        return Collector(self.models)


@contextmanager
def open_workbench(settings: Settings) -> Iterator[EnrolmentTools]:
    """Gallery, models and enroller, ready."""
    with open_gallery(settings) as gallery:
        models = build_models(settings, gallery)
        identifier = Identifier(models, gallery, policy(settings), gallery.reported_mismatches)
        enroller = Enroller(models, identifier, gallery, settings)
        yield EnrolmentTools(settings, gallery, models, identifier, enroller, Collector(models))


def build_learner(
    settings: Settings,
    gallery: SqlGallery,
    identifier: Identifier,
    models: Models,
    changed: Callable[[], None] = lambda: None,
) -> VisitLearner:
    """Who learns from visits: an upgrade that is running, and templates where the operator chose
    that; `changed` hears that somebody was carried over."""
    migration = TemplateMigration(gallery, identifier, settings, changed)
    if not settings.learn_from_visits:
        return migration
    return VisitLearners(migration, VisitLearning(gallery, identifier, models.face.model_id))


def _open_file(path: Path) -> Source:
    """One file that staff chose."""
    from kiosk.capture import sources

    return sources.open_source(str(path))


@dataclass(frozen=True)
class EngineListeners:
    """Who is told of what the engine has ready: called on its thread, None when it is gone."""

    gallery: Callable[[SqlGallery | None], None] = lambda gallery: None
    session: Callable[[EnrolmentSession | None], None] = lambda session: None
    progress: Callable[[Told], None] = lambda told: None


def engine_factory(
    settings: Settings,
    open_live_source: Callable[[], Source],
    listeners: EngineListeners | None = None,
    metrics: RuntimeMetrics | None = None,
) -> Callable[[Publish], Engine]:
    """For the screens: makes an engine whose models and database live on its own thread.

    `listeners` are told, on that thread, of the gallery when it is open and of the enrolment
    session when the models are loaded.
    """
    told, counted = listeners or EngineListeners(), metrics or RuntimeMetrics()

    @contextmanager
    def prepare(publish: Publish) -> Iterator[Callable[[], VisitSetup]]:
        with (
            open_gallery(settings, actor="kiosk") as gallery,
            sending(settings, counted) as wake,
            backing_up(settings, counted.fault),
            following(settings, counted.fleet),
            searched(settings, gallery) as people,
        ):

            def begin() -> VisitSetup:
                models = counted.timed(build_models(settings, gallery))
                counted.covers(coverage(settings, gallery))
                estimators = build_estimators(settings)
                identifier = Identifier(
                    models, people, policy(settings), gallery.reported_mismatches
                )
                session = EnrolmentSession(
                    models, identifier, gallery, settings, _open_file, told.progress
                )
                told.session(session)
                learner = build_learner(
                    settings,
                    gallery,
                    identifier,
                    models,
                    lambda: counted.covers(coverage(settings, gallery)),
                )
                source = counted.watch(open_live_source())
                # visitors are answered although nothing can be kept; staff see it under Health
                log = LenientLog(
                    lambda: VisitLog(
                        gallery, settings, recorded=wake, from_devices=lambda: source.live
                    ),
                    counted.fault,
                )
                liveness = build_liveness(settings, live=source.live, delayed=counted.delayed)
                session.look_for_living(liveness.another())
                visit = Visit(
                    models,
                    identifier,
                    settings,
                    Greeter(gallery, settings).greeting(publish),
                    log,
                    estimators,
                    learner=learner,
                    liveness=liveness,
                )
                return VisitSetup(source, visit, session)

            if not settings.keep_pictures:
                gallery.forget_pictures()
            told.gallery(gallery)
            try:
                yield begin
            finally:
                told.session(None)
                told.gallery(None)

    return lambda publish: Engine(prepare, logged(counted.told(publish)))


@contextmanager
def searched(settings: Settings, gallery: SqlGallery) -> Iterator[SqlGallery | FleetSearch]:
    """What visits search: the gallery, or beyond a size that the settings name the server of the
    fleet, with the gallery behind it."""
    if not settings.fleet_search_above:
        yield gallery
        return
    from kiosk.runtime.fleet.search import searched_at_server

    with searched_at_server(settings, gallery) as found:
        yield found


@contextmanager
def sending(settings: Settings, counted: RuntimeMetrics) -> Iterator[Wake]:
    """As `delivering`; where that cannot be, visitors are answered all the same, staff see why,
    and events wait in the outbox."""
    with ExitStack() as opened:
        wake: Wake = lambda: None  # noqa: E731
        try:
            wake = opened.enter_context(delivering(settings, counted.channel))
        except SettingsError as error:
            counted.fault(Fault(error.text, error.remedy, code="DeliveryError"))
        yield wake
