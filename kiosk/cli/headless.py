"""What `kiosk --headless` prints and the exit codes it ends with."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TextIO

from kiosk.cli.formats import Format
from kiosk.core.decisions import DecisionOutcome
from kiosk.core.events import Fault, VisitDecision, VisitEvent
from kiosk.recognition.formats import as_codes, as_json, as_text, fault_as_json, wall_time

EXIT_CODES = {
    DecisionOutcome.IDENTIFIED: 0,
    DecisionOutcome.UNKNOWN: 10,
    DecisionOutcome.UNUSABLE: 11,
    DecisionOutcome.CONTRADICTED: 12,
    DecisionOutcome.NOT_LIVE: 13,
}


@dataclass
class Reporter:
    """Writes decisions and faults; remembers the last final outcome for the exit code."""

    format: Format
    early: bool = False
    out: TextIO | None = None
    last: DecisionOutcome | None = None
    now: Callable[[], datetime] = lambda: datetime.now().astimezone()

    def publish(self, event: VisitEvent) -> None:
        """Take an event of the engine; progress is not written."""
        if isinstance(event, VisitDecision):
            if event.final:
                self.last = event.decision.outcome
            if event.final or self.early:
                self._write(_DECISIONS[self.format](event, self.now()))
        elif isinstance(event, Fault):
            self._write_fault(event)

    def exit_code(self) -> int:
        """0 identified, 10 unknown, 11 unusable or nobody, 12 face and voice contradict, 13 not
        a living person."""
        return EXIT_CODES[self.last or DecisionOutcome.UNUSABLE]

    def _write_fault(self, fault: Fault) -> None:
        if self.format is Format.TEXT:
            state = "mended" if fault.restored else "fault"
            told = f"{wall_time(self.now())} {state}: {fault.text} {fault.remedy}".rstrip()
            sys.stderr.write(f"kiosk: {told}\n")
            return
        self._write(fault_as_json(fault, self.now()))

    def _write(self, line: str) -> None:
        out = self.out or sys.stdout
        out.write(line + "\n")
        out.flush()


_DECISIONS: dict[Format, Callable[[VisitDecision, datetime], str]] = {
    Format.TEXT: as_text,
    Format.JSON: as_json,
    Format.CODES: as_codes,
}
