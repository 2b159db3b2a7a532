"""Run every `bench_*.py` (or those named), print a table, write build/bench.json."""

from __future__ import annotations

import importlib
import json
import platform
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from rich.console import Console

from tools.benchmarks import Note, Result

HERE = Path(__file__).parent


def run(names: list[str]) -> Iterator[tuple[str, Result | Note]]:
    """Results of the named benchmarks, all without names, one by one as they are measured."""
    available = sorted(path.stem.removeprefix("bench_") for path in HERE.glob("bench_*.py"))
    unknown = set(names) - set(available)
    if unknown:
        sys.exit(f"No benchmark {', '.join(sorted(unknown))}. There are: {', '.join(available)}.")
    for name in names or available:
        module = importlib.import_module(f"tools.benchmarks.bench_{name}")
        for result in module.run():
            yield name, result


def main() -> None:
    """Print each figure as it comes."""
    console = Console(width=120)
    console.print(f"{platform.processor() or platform.machine()}, {platform.platform()}")
    found = []
    for name, result in run(sys.argv[1:]):
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
