"""Recipes that make weights, one readable file each, on one shared training loop."""

from __future__ import annotations

from kiosk.core.extras import require
from kiosk.core.threads import wait_without_spinning

require("matplotlib", "scipy", "sklearn", for_what="Training")
wait_without_spinning()
