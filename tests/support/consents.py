"""A consent as it is given at the screen."""

from __future__ import annotations

from datetime import UTC, datetime

from kiosk.core.records import Consent

WHEN = datetime(2026, 9, 1, 9, 30, tzinfo=UTC)


AGREED = Consent(WHEN, "1", "ko", "the whole text", "Kim")
