"""The visit: its states, the search in the gallery, the weighing of evidence, the decision."""

from kiosk.recognition.identification import Identifier
from kiosk.recognition.visit import Visit

__all__ = ["Identifier", "Visit"]
