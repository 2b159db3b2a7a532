"""`python -m tools.fuzz [--seconds N] [TARGET ...]`: coverage-guided fuzzing of what reads files.

Needs atheris (`pip install --require-hashes -r requirements/fuzz.txt`), which has wheels for some
Pythons only. Each target runs in a process of its own; a finding ends it and lies in build/fuzz.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
OUT = ROOT / "build" / "fuzz"
LONGEST = 16 * 1024


def main() -> None:
    """One target after the other, each for its share of the time."""
    asked = argparse.ArgumentParser(prog="python -m tools.fuzz")
    asked.add_argument("targets", nargs="*")
    asked.add_argument("--seconds", type=int, default=60)
    asked.add_argument("--one", help=argparse.SUPPRESS)
    given = asked.parse_args()
    if given.one:
        _fuzz(given.one, given.seconds)
        return
    from tools.fuzz.targets import TARGETS

    names = given.targets or list(TARGETS)
    each, bad = max(1, given.seconds // len(names)), []
    for name in names:
        command = [sys.executable, "-m", "tools.fuzz", "--one", name, "--seconds", str(each)]
        done = subprocess.run(command, check=False, cwd=ROOT, capture_output=True, text=True)
        last = [line for line in done.stderr.splitlines() if "DONE" in line or "exec/s" in line]
        sys.stdout.write(f"{name}: exit {done.returncode}; {last[-1] if last else ''}\n")
        sys.stdout.flush()
        if done.returncode:
            bad.append(name)
            sys.stdout.write(done.stderr[-3000:])
    sys.exit(f"findings: {', '.join(bad)}; see {OUT}" if bad else 0)


def _fuzz(name: str, seconds: int) -> None:
    import atheris

    with atheris.instrument_imports(include=["kiosk", "tools.fuzz"]):
        from tools.fuzz import targets

    corpus = OUT / name
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(targets.seeds()[name]):
        (corpus / f"seed-{number}").write_bytes(seed)

    def one(content: bytes) -> None:
        targets.read(name, content)

    limits = [f"-max_total_time={seconds}", f"-max_len={LONGEST}", "-rss_limit_mb=0"]
    atheris.Setup([sys.argv[0], str(corpus), f"-artifact_prefix={OUT}/{name}-", *limits], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
