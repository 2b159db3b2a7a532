"""The report of `kiosk evaluate attributes`: tables, figures and numbers of any channels' sets."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from kiosk.core.estimates import Channel
from kiosk.evaluation.attributes import plots as draw
from kiosk.evaluation.attributes.metrics import (
    EMOTIONS,
    Judged,
    age_figures,
    by_group,
    calibration_errors,
    confusion,
    emotion_figures,
    gender_figures,
    sure_emotion_figures,
    top_emotion,
    top_gender,
)
from kiosk.evaluation.metrics.intervals import Estimate
from kiosk.evaluation.metrics.probability import reliability
from kiosk.evaluation.reporting.plots import reliability_diagram
from kiosk.evaluation.reporting.report import Figure, Report, Table

_YEARS = frozenset({"MAE", "interval width"})
_NOTE = "95 % intervals: people drawn again (seeded bootstrap)."
NAMES = tuple(emotion.name.lower() for emotion in EMOTIONS)


@dataclass(frozen=True)
class Goal:
    """What is asked of a figure on a set: `floor` to be switched on by default, `aim` beyond."""

    channel: Channel
    set_name: str
    attribute: str
    figure: str
    floor: float
    aim: float

    def met(self, value: float, wanted: float) -> bool:
        """Whether `value` is as good as `wanted`; of years, less is better."""
        return value <= wanted if self.figure in _YEARS else value >= wanted


GOALS = [
    Goal(Channel.FACE, "utkface", "age", "MAE", 5.8, 4.8),
    Goal(Channel.FACE, "utkface", "age", "within 5 years", 0.58, 0.65),
    Goal(Channel.FACE, "utkface", "gender", "accuracy", 0.93, 0.96),
    Goal(Channel.FACE, "lfw", "gender", "accuracy", 0.96, 0.985),
    Goal(Channel.FACE, "fer2013", "emotion", "accuracy", 0.66, 0.71),
]
"""Of all channels; a set is known by the name of its folder."""

_ATTRIBUTES: dict[
    str, tuple[Callable[[Judged], Judged], Callable[[Judged, int], dict[str, Estimate]]]
] = {
    "emotion": (Judged.with_emotion, emotion_figures),
    "age": (Judged.with_age, age_figures),
    "gender": (Judged.with_gender, gender_figures),
}


def attributes_report(sets: Sequence[Judged], facts: dict[str, str], seed: int) -> Report:
    """Everything about these sets, of one channel or several."""
    report = Report("Attributes", facts)
    numbers = {each: _set_numbers(each, seed) for each in sets}
    report.tables += _goals_tables(numbers)
    for attribute in _ATTRIBUTES:
        rows = {each: found[attribute] for each, found in numbers.items() if attribute in found}
        report.tables += [_overview(attribute, rows)] if rows else []
    for each, found in numbers.items():
        report.tables += _group_tables(each, found)
        report.tables += [_confusion_table(each)] if "emotion" in found else []
        report.figures += _figures(each, found)
    report.figures += _reliability(sets)
    report.numbers = {"attributes": _nested(numbers)}
    return report


def _set_numbers(each: Judged, seed: int) -> dict[str, Any]:
    """By attribute: figures, the same by group, the calibration error, and the confusion matrix."""
    errors = calibration_errors(each)
    found: dict[str, Any] = {}
    for attribute, (known, figures) in _ATTRIBUTES.items():
        part = known(each)
        if not len(part):
            continue
        values: dict[str, Any] = {"samples": len(part), "figures": figures(part, seed)}
        if attribute == "emotion":
            values["figures"] |= sure_emotion_figures(part, seed)
            values["confusion"] = _confusion(part)
        if attribute in errors:
            values["ece"] = errors[attribute]
        values["groups"] = {
            grouping: {label: figures(some, seed) for label, some in by_group(part, grouping)}
            for grouping in part.groups
        }
        found[attribute] = values
    found["said nothing"] = int(np.isnan(each.male).sum() if len(each) else 0)
    return found


def _confusion(part: Judged) -> Any:
    said = part.chances.argmax(1).astype(np.int64)
    return confusion(part.emotion, said, np.ones(len(part)))


def _text(name: str, value: Estimate | None) -> str:
    if value is None:
        return ""
    if name in _YEARS:
        return f"{value.value:.2f} [{value.low:.2f}, {value.high:.2f}]"
    return f"{value.value:.1%} [{value.low:.1%}, {value.high:.1%}]"


def _goals_tables(numbers: Mapping[Judged, dict[str, Any]]) -> list[Table]:
    rows = []
    for goal in GOALS:
        for each, found in numbers.items():
            if (each.channel, each.name) == (goal.channel, goal.set_name):
                rows += _goal_row(goal, found)
    header = ("", "measured", "floor", "aim", "")
    note = "Below a floor an attribute is off by default and says so."
    return [Table("Against the floors", header, tuple(rows), note)] if rows else []


def _goal_row(goal: Goal, found: dict[str, Any]) -> list[tuple[str, ...]]:
    if goal.attribute not in found:
        return []
    value: Estimate = found[goal.attribute]["figures"][goal.figure]
    says = "below the floor"
    if goal.met(value.value, goal.floor):
        says = "aim reached" if goal.met(value.value, goal.aim) else "floor held"
    plain = "{:g}" if goal.figure in _YEARS else "{:.1%}"
    name = f"{goal.channel}, {goal.set_name}: {goal.attribute}, {goal.figure}"
    shown = _text(goal.figure, value)
    return [(name, shown, plain.format(goal.floor), plain.format(goal.aim), says)]


def _overview(attribute: str, rows: Mapping[Judged, dict[str, Any]]) -> Table:
    names = list(dict.fromkeys(name for found in rows.values() for name in found["figures"]))
    with_error = any("ece" in found for found in rows.values())
    header = ("set", "samples", *names, *(["ECE"] if with_error else []))
    lines = []
    for each, found in rows.items():
        cells = [_text(name, found["figures"].get(name)) for name in names]
        cells += [f"{found['ece']:.3f}"] if "ece" in found else []
        lines.append((f"{each.name} ({each.channel})", f"{found['samples']:,}", *cells))
    notes = [f"{each.name}: {note}" for each in rows for note in each.notes]
    return Table(attribute.capitalize(), header, tuple(lines), " ".join([_NOTE, *notes]))


def _group_tables(each: Judged, found: Mapping[str, Any]) -> list[Table]:
    tables = []
    for attribute in _ATTRIBUTES:
        for grouping, groups in found.get(attribute, {}).get("groups", {}).items():
            if groups:
                title = f"{attribute.capitalize()} by {grouping}: {each.name} ({each.channel})"
                tables.append(_group_table(title, grouping, groups))
    return tables


def _group_table(title: str, grouping: str, groups: Mapping[str, dict[str, Estimate]]) -> Table:
    names = list(dict.fromkeys(name for figures in groups.values() for name in figures))
    rows = []
    for label, figures in groups.items():
        count = f"{next(iter(figures.values())).count:,}"
        rows.append((label, count, *(_text(name, figures.get(name)) for name in names)))
    return Table(title, (grouping, "samples", *names), tuple(rows))


def _confusion_table(each: Judged) -> Table:
    counts = _confusion(each.with_emotion())
    rows = [
        (name, *(f"{count:.0f}" for count in row), f"{row[n] / max(row.sum(), 1):.1%}")
        for n, (name, row) in enumerate(zip(NAMES, counts, strict=True))
        if row.sum()
    ]
    title = f"Confusion of emotions: {each.name} ({each.channel})"
    return Table(title, ("true", *NAMES, "recall"), tuple(rows), "Columns: what was estimated.")


def _figures(each: Judged, found: Mapping[str, Any]) -> list[Figure]:
    stem, title = f"{each.channel}-{each.name}", f"{each.name} ({each.channel})"
    figures = []
    if "emotion" in found:
        png = draw.confusion_matrix(_confusion(each.with_emotion()), NAMES)
        figures.append(Figure(f"confusion-{stem}", f"Emotions of {title}", png))
    if "age" in found:
        part = each.with_age()
        png = draw.age_map(part.age, part.ages[:, 0])
        figures.append(Figure(f"ages-{stem}", f"Ages of {title}", png))
        bands = found["age"]["groups"].get("age", {})
        if bands:
            errors = {label: group["MAE"] for label, group in bands.items()}
            png = draw.bars(errors, "MAE, years")
            figures.append(Figure(f"age-error-{stem}", f"Error of age in {title}", png))
    return figures


def _reliability(sets: Sequence[Judged]) -> list[Figure]:
    diagrams = {}
    for each in sets:
        for attribute, part, top in (
            ("emotion", each.with_emotion(), top_emotion),
            ("gender", each.with_gender(), top_gender),
        ):
            if len(part):
                diagrams[f"{attribute}, {each.name} ({each.channel})"] = reliability(*top(part))
    title = "Reliability: does a probability mean what it says"
    return [Figure("reliability", title, reliability_diagram(diagrams))] if diagrams else []


def _nested(numbers: Mapping[Judged, dict[str, Any]]) -> dict[str, Any]:
    nested: dict[str, Any] = {}
    for each, found in numbers.items():
        nested.setdefault(str(each.channel), {})[each.name] = {**found, "notes": each.notes}
    return nested
