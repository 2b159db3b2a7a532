"""Run every `bench_*.py` (or those named), print a table, write build/bench.json.

`soak` and `fleet`, which take long, only run when they are named: `soak --visits N --seconds S
--seed K`, `fleet --people N --kiosks N --changes N --vectors N --faces FOLDER`.
"""

from __future__ import annotations

import argparse
import importlib
import json
import platform
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console

from tools.benchmarks import Note, Result

HERE = Path(__file__).parent
LONG = {"fleet", "soak"}
"""Benchmarks of many minutes or hours."""


def run(names: list[str], options: dict[str, Any]) -> Iterator[tuple[str, Result | Note]]:
    """Results of the named benchmarks, all without names, one by one as they are measured; the
    options are for those of hours."""
    available = sorted(path.stem.removeprefix("bench_") for path in HERE.glob("bench_*.py"))
    unknown = set(names) - set(available)
    if unknown:
        sys.exit(f"No benchmark {', '.join(sorted(unknown))}. There are: {', '.join(available)}.")
    for name in names or [each for each in available if each not in LONG]:
        module = importlib.import_module(f"tools.benchmarks.bench_{name}")
        for result in module.run(**options) if name in LONG else module.run():
            yield name, result


def main(arguments: list[str] | None = None) -> None:
    """Print each figure as it comes."""
    console = Console(width=120)
    console.print(f"{platform.processor() or platform.machine()}, {platform.platform()}")
    found = []
    asked = argparse.ArgumentParser(prog="python -m tools.benchmarks")
    asked.add_argument("names", nargs="*")
    asked.add_argument("--visits", type=int)
    asked.add_argument("--seconds", type=float)
    asked.add_argument("--seed", type=int)
    for of_fleet in ("--people", "--kiosks", "--vectors", "--changes"):
        asked.add_argument(of_fleet, type=int)
    asked.add_argument("--faces", type=Path)
    given = vars(asked.parse_args(arguments))
    names = given.pop("names")
    options = {name: value for name, value in given.items() if value is not None}
    for name, result in run(names, options):
        found.append({"benchmark": name} | asdict(result))
        if isinstance(result, Note):
            console.print(f"{name:10} {result.text}", highlight=False)
            continue
        ratio = f"  {result.ratio:.2f} x {result.against}" if result.ratio is not None else ""
        console.print(
            f"{name:10} {result.name:56} {result.value:10.3f} {result.unit:8}{ratio}",
            highlight=False,
        )
    target = HERE.parents[1] / "build" / "bench.json"
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps(found, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
