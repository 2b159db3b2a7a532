"""What setuptools cannot be told in pyproject.toml: weights and assets go into the wheel.

They lie beside the package, where people look for them, and once only. In a wheel they are copied
into it, where `kiosk.core.shipped` finds them.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

SHIPPED = ("weights", "assets/icons", "assets/prompts", "assets/theme")
"""The demo's people are not needed by a kiosk."""


class BuildWithShipped(build_py):
    """Copies what is shipped beside the modules, into a folder without what an earlier build left:
    a module that was moved since would be in the wheel twice."""

    def run(self) -> None:
        """Not for an editable installation, which sees the clone itself."""
        if self.editable_mode:
            super().run()
            return
        shutil.rmtree(self.build_lib, ignore_errors=True)
        super().run()
        for name in SHIPPED:
            target = Path(self.build_lib) / "kiosk" / "_shipped" / name
            shutil.copytree(name, target, ignore=shutil.ignore_patterns("*.py", "__pycache__"))


setup(cmdclass={"build_py": BuildWithShipped})
