"""The screens: for visitors and for staff."""

from kiosk.ui.launch import run_screen

__all__ = ["run_screen"]
