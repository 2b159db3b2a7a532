"""Protocols, metrics and reports: how well the recognisers do and how sure that is."""

from __future__ import annotations

from kiosk.core.extras import require

require("matplotlib", "scipy", "sklearn", for_what="Evaluation")
