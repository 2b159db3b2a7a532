"""`make mutants`: which changes of the code the tests would not see.

mutmut makes small changes ("mutants") in core, recognition and storage and runs the tests that
reach the changed function. All of them take hours; a sample drawn by a seed tells the share that is
found, with its interval, and names those that stay alive, so that somebody can write the test.
Changes that can be seen by nothing are not drawn; `tools.mutant_kinds` says which those are.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections import Counter
from math import sqrt
from pathlib import Path

import click
from mutmut.mutation.data import MutantLineSpans

from tools.mutant_kinds import Kind, change, kind

FOLDER = Path("mutants")
ALIVE = {0, 33, 5}
"""Exit codes of mutmut: tests passed, no test reaches the function, all were skipped."""
FAILED = {1, 3}
"""A test failed, or could not be run for the change. Anything else that is not alive ran out of
time, or the process died."""


def mutmut(*arguments: str) -> None:
    """Run the tool in the repository; it prints its own progress."""
    program = Path(sys.executable).parent / "mutmut"
    alone = os.environ | {"OMP_NUM_THREADS": "1"}
    subprocess.run([str(program), "run", *arguments], check=False, env=alone)


def results() -> dict[str, int | None]:
    """Name of every mutant to its exit code; None where it was not tried."""
    found: dict[str, int | None] = {}
    for file in sorted(FOLDER.rglob("*.meta")):
        found |= json.loads(file.read_text("utf-8"))["exit_code_by_key"]
    return found


def kinds() -> dict[str, Kind | None]:
    """Name of every mutant to why nothing could see it; None for those that are worth a try."""
    found: dict[str, Kind | None] = {}
    for index in sorted(FOLDER.rglob("*.spans")):
        path = index.relative_to(FOLDER).with_suffix("")
        spans = MutantLineSpans.load(path)
        assert spans is not None
        own = list(spans.span_by_function_name)
        sources = dict(zip(own, spans.read_function_sources(own), strict=True))
        module = ".".join(path.with_suffix("").parts)
        for name, source in sources.items():
            function, _, number = name.rpartition("__mutmut_")
            if number != "orig":
                original = sources[f"{function}__mutmut_orig"].replace("__mutmut_orig", "", 1)
                changed = change(original, source.replace(f"__mutmut_{number}", "", 1))
                found[f"{module}.{name}"] = kind(changed)
    return found


def wilson(hits: int, total: int, z: float = 1.96) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson, 1927)."""
    share, weight = hits / total, z * z / total
    centre = (share + weight / 2) / (1 + weight)
    half = z * sqrt(share * (1 - share) / total + weight / total / 4) / (1 + weight)
    return centre - half, centre + half


@click.command()
@click.option("--sample", default=150, show_default=True, help="How many mutants are tried.")
@click.option("--seed", default=1, show_default=True, help="Which ones.")
@click.option("--children", default=2, show_default=True, help="How many at the same time.")
def main(sample: int, seed: int, children: int) -> None:
    """Try a sample of mutants and print the share that the tests find."""
    workers = ("--max-children", str(children))
    # The first call makes all of them and learns which test reaches what.
    mutmut(*workers, "kiosk.core.hours.x__minute__mutmut_1")
    every = kinds()
    names = sorted(name for name, why in every.items() if why is None)
    chosen = random.Random(seed).sample(names, min(sample, len(names)))  # noqa: S311
    mutmut(*workers, *chosen)
    tried = {name: code for name, code in results().items() if name in set(chosen)}
    alive = sorted(name for name, code in tried.items() if code is None or code in ALIVE)
    found = len(tried) - len(alive)
    otherwise = sum(code not in FAILED for name, code in tried.items() if name not in alive)
    low, high = wilson(found, len(tried))
    click.echo(f"\n{len(every)} mutants. Not drawn, since nothing could see them:")
    for why, count in Counter(why for why in every.values() if why is not None).most_common():
        click.echo(f"  {count:4} {why}")
    click.echo(f"{len(tried)} of {len(names)} tried (seed {seed}), {found} found,")
    click.echo(f"{otherwise} of them by running out of time or by the end of the process:")
    click.echo(f"{found / len(tried):.1%} [{low:.1%}, {high:.1%}]. Alive:")
    for name in alive:
        click.echo(f"  mutmut show {name}")


if __name__ == "__main__":
    main()
