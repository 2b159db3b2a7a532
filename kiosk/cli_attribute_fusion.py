"""`kiosk train attribute-fusion`: how much each channel counts in a fused estimate."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console

from kiosk.config import Settings
from kiosk.errors import InputError, StorageError
from kiosk.estimates import Channel

if TYPE_CHECKING:
    from kiosk.attributes import Fusion
    from kiosk.evaluation.attributes import Judged
    from kiosk.evaluation.attributes_fusion import Chimeras
    from kiosk.training.attribute_fusion import Trials

_PATH = click.Path(path_type=Path)
EMOTION_RIGHT, GENDER_RIGHT = 0.8, 0.98
"""Share of right answers among those that are told without "not sure"."""
EMOTION_LEAST, GENDER_LEAST = 0.5, 0.9
"""Probabilities below which an answer is not told, however well those above them do."""
FEW_PEOPLE = 20
UNPROVEN = 2.0
"""With fewer people of known age than that, an interval is made so many times wider: a channel that
two people were measured by must not outweigh one that was measured by hundreds."""


@click.command("attribute-fusion")
@click.option(
    "--shared",
    required=True,
    type=_PATH,
    help="Folder with faces/, voices/ and text/, whose test sets are used.",
)
@click.option("--out", required=True, type=_PATH, help="Folder for attribute-fusion.safetensors.")
@click.option("--count", type=click.IntRange(100), default=2100, show_default=True)
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True)
@click.option("--limit", type=click.IntRange(4), help="A quick sample of about N files a set.")
@click.option("--cache", type=_PATH, help="Folder for estimates  [default: in your cache folder]")
@click.option("--no-cache", is_flag=True, help="Keep no estimate on disk.")
@click.pass_obj
def attribute_fusion(
    settings: Settings,
    /,
    shared: Path,
    out: Path,
    count: int,
    seed: int,
    limit: int | None,
    cache: Path | None,
    no_cache: bool,
) -> None:
    """Fit how face, voice and text are put together, on people that trained no network.

    No recordings here have all three with labels, so faces, voices and texts of different people
    with the same emotion (age, gender) are paired: chimeric people. Half of the people, chosen by a
    hash, are used; `kiosk evaluate attributes` reports on the other half. Needs the shipped
    networks; takes minutes the first time, for every recording is estimated once and kept.

    \b
    kiosk train attribute-fusion --shared ../shared/data --out run/
    """
    from kiosk.evaluation.attributes_channels import AttributeRun
    from kiosk.evaluation.attributes_fusion import chimeras, pools
    from kiosk.evaluation.halves import Half
    from kiosk.evaluation.store import default_folder
    from kiosk.evaluation.workshop import open_workshop
    from kiosk.inference.attribute_fusion import NAME, save_fusion

    console = Console(stderr=True)
    workshop = open_workshop(settings, None if no_cache else cache or default_folder(), console)
    with workshop.store:
        sets = pools(AttributeRun(settings, workshop, shared, (), limit), Half.CALIBRATE)
    made = {name: chimeras(sets, name, count, seed) for name in ("emotion", "age", "gender")}
    for name, pairs in made.items():
        console.print(f"{name}: {pairs.notes if pairs else 'one channel alone'}", highlight=False)
    fusion = fit_all(sets, made)
    path = out / f"{NAME}.safetensors"
    try:
        out.mkdir(parents=True, exist_ok=True)
        path.write_bytes(save_fusion(fusion))
    except OSError as error:
        raise StorageError(
            f"{out} cannot be written: {error.strerror}.", "Name another."
        ) from error
    for line in told(fusion):
        click.echo(line)
    click.echo(path)


def fit_all(sets: Mapping[Channel, list[Judged]], made: Mapping[str, Chimeras | None]) -> Fusion:
    """Emotion and gender from chimeric people, ages channel by channel. Raises InputError where no
    attribute has two channels."""
    from kiosk.training.attribute_fusion import NO_POOL, as_fusion, fit

    if not any(made.values()):
        raise InputError(
            "No attribute is estimated by two channels.", "Give a folder with faces and voices."
        )
    emotion, gender = made["emotion"], made["gender"]
    parts = (
        fit(trials(emotion, "emotion")) if emotion else NO_POOL,
        fit(trials(gender, "gender"), with_prior=False) if gender else NO_POOL,
        age_scales(sets),
    )
    return as_fusion(*parts, thresholds(as_fusion(*parts, {}), made))


def trials(made: Chimeras, attribute: str) -> Trials:
    """Chimeric samples as the fit takes them; of gender the kinds are male and female."""
    import numpy as np

    from kiosk.estimates import Gender
    from kiosk.evaluation.attributes import EMOTIONS
    from kiosk.training.attribute_fusion import Opinions, Trials

    said = {}
    for channel, estimates in made.said.items():
        if attribute == "emotion":
            rows = [e.emotion.probabilities for e in estimates if e.emotion]
        else:
            rows = [(e.gender.male, 1 - e.gender.male) for e in estimates if e.gender]
        quality = np.array([e.quality for e in estimates])
        said[channel] = Opinions(np.array(rows, dtype=np.float64), quality)
    if attribute == "emotion":
        truth = [EMOTIONS.index(t.emotion) for t in made.truths if t.emotion]
    else:
        truth = [int(t.gender is not Gender.MALE) for t in made.truths]
    return Trials(np.array(truth, dtype=np.int64), said)


def age_scales(sets: Mapping[Channel, list[Judged]]) -> dict[Channel, float]:
    """By channel, from all its people of known age."""
    import numpy as np

    from kiosk.training.attribute_fusion import AgeTrials, fit_age_scale

    found = {}
    for channel, each in sets.items():
        parts = [judged.with_age() for judged in each]
        parts = [part for part in parts if len(part)]
        if parts:
            truth = np.concatenate([part.age for part in parts])
            ages = np.concatenate([part.ages for part in parts])
            people = sum(len(np.unique(part.person)) for part in parts)
            scale = fit_age_scale(AgeTrials(truth, ages))
            found[channel] = scale if people >= FEW_PEOPLE else UNPROVEN * max(1.0, scale)
    return found


def thresholds(fusion: Fusion, made: Mapping[str, Chimeras | None]) -> dict[str, float]:
    """From where on an answer is told: over every set of channels alike."""
    import numpy as np

    from kiosk.evaluation.attributes import top_emotion, top_gender
    from kiosk.evaluation.attributes_fusion import fused_sets
    from kiosk.training.attribute_calibration import sure_from

    found: dict[str, float] = {}
    for name, top, right_share, least in (
        ("emotion", top_emotion, EMOTION_RIGHT, EMOTION_LEAST),
        ("gender", top_gender, GENDER_RIGHT, GENDER_LEAST),
    ):
        pairs = made[name]
        if pairs is not None:
            picks = [top(each) for each in fused_sets(pairs, fusion)]
            highest, right = (np.concatenate(parts) for parts in zip(*picks, strict=True))
            found[f"{name}_sure"] = max(least, sure_from(highest, right, right_share))
    return found


def told(fusion: Fusion) -> list[str]:
    """The coefficients in words, for the card."""
    lines = []
    for channel, row in fusion.channels.items():
        bias = " ".join(f"{value:+.2f}" for value in row.emotion_bias)
        lines.append(
            f"{channel}: emotion x {row.emotion:.3f} ({bias}), gender x {row.gender:.3f} "
            f"({row.gender_bias:+.3f}), age x {row.age_scale:.3f}, full from quality "
            f"{row.full_quality:g}"
        )
    prior = " ".join(f"{value:+.2f}" for value in fusion.emotion_prior)
    return [
        *lines,
        f"added once to emotion: {prior}",
        f"emotion told from {fusion.emotion_sure:.3f}, gender from {fusion.gender_sure:.3f}, "
        f"age up to {fusion.age_widest:.1f} years wide",
    ]
