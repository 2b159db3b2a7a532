"""The aligned face as a picture for people and researchers, of the side the ancestors had."""

from __future__ import annotations

from kiosk.core.face_alignment import REFERENCE_SIZE
from kiosk.core.media import Image
from kiosk.core.samples import LocatedFace
from kiosk.inference.face.geometry.alignment import ARCFACE_112
from kiosk.inference.face.geometry.face_view import face_view

CROP_SIDE = 224
_VIEW = ARCFACE_112.moved(CROP_SIDE / REFERENCE_SIZE, 0.0, CROP_SIDE)


def face_crop(face: LocatedFace) -> Image | None:
    """The face (224, 224, 3); None where its landmarks lie on one point."""
    try:
        return face_view(face, _VIEW)
    except ValueError:
        return None
