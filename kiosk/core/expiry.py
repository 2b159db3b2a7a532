"""When somebody who is enrolled is deleted without anybody asking for it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from kiosk.core.records import PersonSummary
from kiosk.core.settings import Settings

WARNED_DAYS = 14
"""Staff are told so many days before somebody goes."""


@dataclass(frozen=True)
class ExpiryRule:
    """Days without a visit, and days since the enrolment; 0 is never."""

    unseen_days: int = 0
    enrolled_days: int = 0

    @classmethod
    def of(cls, settings: Settings) -> ExpiryRule:
        """As the operator wants it. Visits are known for `keep_days` alone, and nobody is deleted
        for not having come at a time of which nothing is known."""
        known = settings.expire_unseen_days <= settings.keep_days
        return cls(settings.expire_unseen_days if known else 0, settings.expire_enrolled_days)

    @property
    def wanted(self) -> bool:
        """Whether anybody is ever deleted by it."""
        return bool(self.unseen_days or self.enrolled_days)

    def ends(self, person: PersonSummary) -> datetime | None:
        """When somebody is to go; None is never. A new consent begins both anew: they were asked
        again."""
        agreed = person.consent.time if person.consent else person.subject.created
        begin = max(person.subject.created, agreed)
        ends = []
        if self.enrolled_days:
            ends.append(begin + timedelta(days=self.enrolled_days))
        if self.unseen_days:
            seen = max(begin, person.last_seen or begin)
            ends.append(seen + timedelta(days=self.unseen_days))
        return min(ends, default=None)

    def kept_by_a_visit(self, person: PersonSummary) -> bool:
        """Whether they would stay longer if they were seen before they go."""
        return self.ends(person) != replace(self, unseen_days=0).ends(person)

    def expired(self, people: Iterable[PersonSummary], now: datetime) -> list[PersonSummary]:
        """Those whose time has come, soonest first."""
        return [person for _, person in self.ending(people, now)]

    def ending(
        self, people: Iterable[PersonSummary], before: datetime
    ) -> list[tuple[datetime, PersonSummary]]:
        """Those whose time comes before this, soonest first."""
        found = [(end, each) for each in people if (end := self.ends(each)) and end < before]
        return sorted(found, key=lambda pair: (pair[0], pair[1].subject.subject_id))
