"""From samples to stored templates: collect, review, store, import."""

from kiosk.enrolment.enroller import Enroller
from kiosk.enrolment.session import EnrolmentSession

__all__ = ["Enroller", "EnrolmentSession"]
