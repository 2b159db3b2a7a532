"""Writes docs/visit.md, the states of a visit, from the table in the code.

python -m tools.visit_document
"""

from __future__ import annotations

from pathlib import Path

from kiosk.recognition.visit_states import TABLE, Trigger, VisitState

FILE = Path(__file__).resolve().parent.parent / "docs" / "visit.md"
_HEAD = """# The states of a visit

Made from `kiosk/recognition/visit_states.py` by `python -m tools.visit_document`; do not edit it.

A visit is in one state at a time. What is seen or heard, an answer, or a command of the screens is
a trigger; the table says which state follows, what is done with the evidence gathered so far, and
which end of a visit is published to the screens. A trigger that has no place in a state is a bug
and raises `BugError`. Whether the kiosk is speaking, so that sound is passed over, has nothing to
do with the state.
"""


def states() -> str:
    """The states; what each means stands in the code."""
    return ", ".join(f"`{state}`" for state in VisitState)


def rows() -> list[str]:
    """The table, one line a transition; commands that do the same in several states stand once."""
    lines = [
        "| state | trigger | next state | done | published |",
        "| --- | --- | --- | --- | --- |",
    ]
    for trigger in Trigger:
        same: dict[tuple[str, str, str], list[VisitState]] = {}
        for state in VisitState:
            found = TABLE.get((state, trigger))
            if found is not None:
                stays = found.state is state and trigger.startswith("command")
                follows = "the same" if stays else found.state.value
                key = (follows, found.action.value, found.published or "-")
                same.setdefault(key, []).append(state)
        for (follows, done, told), where in same.items():
            lines.append(f"| {', '.join(where)} | {trigger} | {follows} | {done} | {told} |")
    return lines


def document() -> str:
    """The whole page."""
    return "\n".join([_HEAD, f"States: {states()}.", "", *rows(), ""])


def main() -> None:
    """Write the page."""
    FILE.write_text(document(), encoding="utf-8")


if __name__ == "__main__":
    main()
