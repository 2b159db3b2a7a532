"""Tests of the kiosk. This is read before anything that makes threads is imported."""

import os

if "PYTEST_XDIST_WORKER" in os.environ:
    # Workers share the processors: more threads than one in each would only hold each other up.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
