"""A real Chromium for the tests, steered by selenium, whose camera and microphone are files."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from selenium.webdriver import Chrome, ChromeOptions, ChromeService

CHROMIUM, DRIVER = "/usr/bin/chromium", "/usr/bin/chromedriver"
PATIENCE = 180
"""Seconds for an answer of real models on a machine with other work."""


def fake_devices(clip: Path, folder: Path) -> tuple[Path, Path]:
    """What camera and microphone of the browser see and hear: the clip again and again."""
    film, sound = folder / "camera.y4m", folder / "microphone.wav"
    quiet = ["ffmpeg", "-nostdin", "-loglevel", "error", "-y", "-i", str(clip)]
    size = "scale=640:480:force_original_aspect_ratio=decrease,pad=640:480:-1:-1,fps=15"
    subprocess.run([*quiet, "-an", "-vf", size, "-pix_fmt", "yuv420p", str(film)], check=True)
    subprocess.run([*quiet, "-vn", "-ar", "48000", "-ac", "2", str(sound)], check=True)
    return film, sound


@contextmanager
def browser(
    folder: Path, devices: tuple[Path, Path] | None = None, language: str = "en"
) -> Iterator[Chrome]:
    """A window of its own; everything it asks for stands in its log."""
    options = ChromeOptions()
    options.binary_location = CHROMIUM
    for word in (
        "--headless=new",
        "--no-sandbox",  # the tests may be run by root
        "--disable-dev-shm-usage",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        "--no-first-run",
        "--hide-scrollbars",
        f"--user-data-dir={folder / 'profile'}",
        f"--lang={language}",
        f"--accept-lang={language}",
    ):
        options.add_argument(word)
    options.add_experimental_option("prefs", {"intl.accept_languages": language})
    options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
    if devices is not None:
        film, sound = devices
        options.add_argument("--use-fake-device-for-media-stream")
        options.add_argument("--use-fake-ui-for-media-stream")
        options.add_argument(f"--use-file-for-fake-video-capture={film}")
        options.add_argument(f"--use-file-for-fake-audio-capture={sound}")
    driver = Chrome(options, ChromeService(DRIVER))
    try:
        driver.set_page_load_timeout(PATIENCE)
        yield driver
    finally:
        driver.quit()


def resize(driver: Chrome, width: int, height: int) -> None:
    """The page itself, whatever the window around it."""
    driver.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False},
    )


def asked_for(driver: Chrome) -> set[str]:
    """The addresses of everything that was loaded or sent, as far as they lead to a host."""
    found = set()
    for entry in _log(driver, "performance"):
        message = json.loads(entry["message"])["message"]
        if message["method"] == "Network.requestWillBeSent":
            found.add(str(message["params"]["request"]["url"]))
    return {url for url in found if not url.startswith(("data:", "blob:", "chrome:", "about:"))}


def complaints(driver: Chrome) -> list[str]:
    """What the browser says against the page: errors, and what the policy forbade."""
    return [str(entry["message"]) for entry in _log(driver, "browser")]


def _log(driver: Chrome, kind: str) -> list[dict[str, Any]]:
    """Every entry since the last time."""
    read: Callable[[str], list[dict[str, Any]]] = driver.get_log
    return read(kind)
