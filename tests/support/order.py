"""In which order workers take the tests: what takes long first, so that none is left with it.

Workers of pytest-xdist (`--dist worksteal`) begin with equal numbers of tests, one after the other
of what was collected, and whoever has done all of theirs takes from the end of another's. So each
part begins with some of the dear files and ends with tests that take no time. Files that share
something dear, made once by each worker that has a test of them, stay together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pytest

SECONDS: Mapping[tuple[str, ...], float] = {
    (
        "tests/server/test_api_document.py",
        "tests/server/test_recognition.py",
        "tests/server/test_people.py",
        "tests/server/test_openapi.py",
        "tests/server/test_bad_input.py",
        "tests/server/test_page.py",
    ): 60,
    ("tests/server/test_ancestors_document.py",): 57,
    ("tests/capture/test_streams.py",): 50,
    ("tests/ui/staff/test_enrolment_real.py",): 30,
    ("tests/capture/test_microphone.py",): 30,
    ("tests/runtime/test_main_job.py",): 28,
    ("tests/runtime/test_model_upgrade.py",): 26,
    ("tests/training/face/test_attribute_recipe.py",): 25,
    ("tests/ui/test_real.py",): 14,
    ("tests/ui/staff/test_enrolment.py",): 14,
    ("tests/repository/test_wheel.py",): 13,
    ("tests/training/voice/test_distillation.py",): 12,
    ("tests/training/face/test_recipe.py",): 11,
    ("tests/repository/test_no_way_out.py",): 11,
    ("tests/evaluation/pad/test_pad.py",): 11,
    ("tests/evaluation/test_attributes.py",): 11,
    ("tests/evaluation/test_commands.py",): 10,
    ("tests/runtime/fleet/test_power_cuts.py",): 10,
    ("tests/repository/test_demo_assets.py",): 9,
    ("tests/ui/staff/test_people.py",): 9,
    ("tests/runtime/test_profiles.py",): 9,
    ("tests/ui/visitor/test_self_enrolment_real.py",): 9,
    ("tests/recognition/test_synthetic_voices.py",): 9,
    ("tests/ui/staff/test_settings.py",): 8,
    ("tests/ui/visitor/test_window.py",): 8,
    ("tests/evaluation/test_attribute_channels.py",): 8,
    ("tests/storage/test_crash.py",): 8,
    ("tests/training/face/test_mobile_recipe.py",): 8,
    ("tests/ui/staff/test_window.py",): 7,
    ("tests/ui/staff/test_visits.py",): 7,
    ("tests/storage/test_keys.py",): 7,
    ("tests/server/test_places.py",): 7,
    ("tests/cli/test_features.py",): 7,
    ("tests/training/test_loop.py",): 7,
    ("tests/storage/test_io_faults.py",): 6,
    ("tests/runtime/test_logs.py",): 6,
    ("tests/runtime/fleet/test_follower.py",): 6,
    ("tests/training/pad/test_recipe.py",): 6,
    ("tests/runtime/test_attributes_real.py",): 6,
}
"""What they take, of a processor or waiting (`pytest -p tests.support.processor_time`,
`--durations`), of those that take most. Nothing but the order depends on it."""


def ordered(items: Iterable[pytest.Item], workers: int) -> list[pytest.Item]:
    """The same tests in equal parts, each of which begins with dear files."""
    files: dict[str, list[pytest.Item]] = {}
    for item in items:
        files.setdefault(item.nodeid.partition("::")[0], []).append(item)
    dear = [[item for name in names for item in files.pop(name, [])] for names in _dealt(workers)]
    cheap = [item for found in files.values() for item in found]
    left, found = sum(map(len, dear)) + len(cheap), list[pytest.Item]()
    for number, first in enumerate(dear):
        share = left // (workers - number)
        filling = max(0, share - len(first))
        found += [*first, *cheap[:filling]]
        cheap, left = cheap[filling:], left - share
    return [*found, *cheap]


def _dealt(workers: int) -> list[list[str]]:
    """Dear files for each worker: the dearest of what is left goes to whoever has least."""
    hands: list[list[str]] = [[] for _ in range(workers)]
    weights = [0.0] * workers
    for names, seconds in sorted(SECONDS.items(), key=lambda each: -each[1]):
        least = weights.index(min(weights))
        hands[least] += names
        weights[least] += seconds
    return hands
