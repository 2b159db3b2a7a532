"""Where the repository and its golden files are."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "tests" / "golden"
DEMO = ROOT / "assets" / "demo"
SHARED = Path(os.environ.get("KIOSK_SHARED", ROOT.parent / "shared"))
