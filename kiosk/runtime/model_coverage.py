"""Which recognisers the gallery needs beside the chosen ones, and whom none of them can recognise.

Templates are of use only to the model that made them. A better file in weights/, or another model
in the settings, would turn everybody into a stranger; so the models of those who have no templates
of the chosen one go on beside it until `kiosk gallery upgrade` has carried them over.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from kiosk.core.media import Modality
from kiosk.core.ports.upgrade import UpgradeStore
from kiosk.core.settings import Settings
from kiosk.core.status import ModelCoverage
from kiosk.core.upgrades import ModelUpgrade, UpgradeState
from kiosk.inference import manifest
from kiosk.inference.manifest import ModelEntry

UPGRADE = "Run `kiosk gallery upgrade`; docs/upgrade.md says what it does."
BRING_BACK = (
    "Put the weights they were enrolled with back under an entry of their own, or enrol these "
    "people again; docs/upgrade.md says how."
)


@dataclass(frozen=True)
class ResidentModel:
    """A recogniser to load, and the `model_id` its templates are kept under."""

    entry: ModelEntry
    model_id: str


@dataclass(frozen=True)
class ModelPlan:
    """The chosen recogniser of a modality, those beside it, and whom that covers."""

    chosen: ResidentModel
    others: tuple[ResidentModel, ...]
    coverage: ModelCoverage


def plan_models(settings: Settings, store: UpgradeStore, modality: Modality) -> ModelPlan:
    """What to load for a gallery. Raises ModelError if no recogniser can be chosen."""
    chosen = choose_resident(settings, modality)
    holders = store.holders(modality)
    going = _going_on(store, modality)
    state = going[0].state.value if going else ""
    learning = [each.new for each in going if each.state is UpgradeState.RUNNING]
    others = []
    for model_id in dict.fromkeys([*_by_need(holders, chosen.model_id), *learning]):
        entry = manifest.find_by_id(model_id, modality, settings)
        if entry is not None and model_id != chosen.model_id:
            others.append(ResidentModel(entry, model_id))
    coverage = covered(modality, holders, chosen.model_id, [each.model_id for each in others])
    return ModelPlan(chosen, tuple(others), replace(coverage, upgrade=state))


def choose_resident(settings: Settings, modality: Modality) -> ResidentModel:
    """The recogniser the settings choose. Raises ModelError."""
    entry = manifest.choose(settings, modality)
    return ResidentModel(entry, manifest.model_id(entry, manifest.locate(entry, settings)))


def covered(
    modality: Modality,
    holders: Mapping[str, AbstractSet[int]],
    chosen: str,
    others: Sequence[str],
) -> ModelCoverage:
    """Who is recognised by which of the models, in this order; `holders` are subjects by model."""
    everyone = set().union(*holders.values())
    known = set(holders.get(chosen, ()))
    count, older = len(known), []
    for model_id in others:
        mine = set(holders.get(model_id, ())) - known
        known |= mine
        older += [(model_id, len(mine))] if mine else []
    return ModelCoverage(
        modality, chosen, len(everyone), count, tuple(older), len(everyone - known)
    )


def as_sentence(coverage: ModelCoverage) -> str:
    """For a terminal: whom the chosen model covers, and what goes on for the others."""
    noun = f"{coverage.modality} templates"
    if coverage.complete:
        return f"all {coverage.enrolled} enrolled people have {noun} of {coverage.model}"
    without = coverage.enrolled - coverage.covered
    share = f"{without} of {coverage.enrolled} enrolled people ({without / coverage.enrolled:.0%})"
    parts = [f"{share} have no {noun} of {coverage.model}"]
    parts += [f"{model_id} goes on for {count} of them" for model_id, count in coverage.older]
    if coverage.lost:
        parts.append(f"the model of {coverage.lost} is not here, so that they are not recognised")
    if coverage.upgrade:
        parts.append(f"an upgrade is {coverage.upgrade}")
    return "; ".join(parts)


def remedy(coverage: ModelCoverage) -> str:
    """What to do about it; empty where there is nothing to do."""
    if coverage.lost:
        return BRING_BACK
    return "" if coverage.complete or coverage.upgrade == "running" else UPGRADE


def _going_on(store: UpgradeStore, modality: Modality) -> list[ModelUpgrade]:
    """The upgrades of a modality that are neither rolled back nor complete, newest first."""
    return [
        each
        for each in store.upgrades()
        if each.modality is modality
        and each.state is not UpgradeState.ROLLED_BACK
        and not each.complete
    ]


def _by_need(holders: Mapping[str, AbstractSet[int]], chosen: str) -> list[str]:
    """The models of those who have no templates of the chosen one, the commonest first."""
    known = set(holders.get(chosen, ()))
    need = {model_id: len(set(some) - known) for model_id, some in holders.items()}
    return sorted((m for m, count in need.items() if count), key=lambda m: (-need[m], m))
