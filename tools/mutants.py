"""`make mutants`: which changes of the code the tests would not see.

mutmut makes small changes ("mutants") in core, recognition and storage and runs the tests that
reach the changed function. All of them take hours; a sample drawn by a seed tells the share that is
found, with its interval, and names those that stay alive, so that somebody can write the test.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from math import sqrt
from pathlib import Path

import click

FOLDER = Path("mutants")
ALIVE = {0, 33, 5}
"""Exit codes of mutmut: tests passed, no test reaches the function, all were skipped."""


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
    mutmut(*workers, "kiosk.core.names.x_*__mutmut_1")
    names = sorted(results())
    chosen = random.Random(seed).sample(names, min(sample, len(names)))  # noqa: S311
    mutmut(*workers, *chosen)
    tried = {name: code for name, code in results().items() if name in set(chosen)}
    alive = sorted(name for name, code in tried.items() if code is None or code in ALIVE)
    found = len(tried) - len(alive)
    low, high = wilson(found, len(tried))
    click.echo(f"\n{len(names)} mutants, {len(tried)} tried (seed {seed}), {found} found:")
    click.echo(f"{found / len(tried):.1%} [{low:.1%}, {high:.1%}]. Alive:")
    for name in alive:
        click.echo(f"  mutmut show {name}")


if __name__ == "__main__":
    main()
