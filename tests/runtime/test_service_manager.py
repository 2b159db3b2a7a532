"""What the service manager hears, through a real socket of the machine."""

from __future__ import annotations

import os
from pathlib import Path

from kiosk.runtime.service_manager import ServiceManager
from tests.support.notify_socket import NotifySocket, notify_socket


def test_the_manager_hears_ready_alive_and_ending(tmp_path: Path) -> None:
    with notify_socket(tmp_path) as listening:
        manager = ServiceManager({"NOTIFY_SOCKET": str(listening.path)})
        manager.ready()
        manager.alive()
        manager.ending()
        assert listening.waiting() == ["READY=1", "WATCHDOG=1", "STOPPING=1"]


def test_signs_of_life_come_thrice_within_the_limit(tmp_path: Path) -> None:
    told = {"NOTIFY_SOCKET": str(tmp_path / "any"), "WATCHDOG_USEC": "180000000"}
    assert ServiceManager(told).ping_every == 60
    assert ServiceManager(told | {"WATCHDOG_PID": str(os.getpid())}).ping_every == 60


def test_nobody_who_watches_is_told_nothing(tmp_path: Path) -> None:
    socket = {"NOTIFY_SOCKET": str(tmp_path / "any")}
    for none in (
        {},
        {"WATCHDOG_USEC": "180000000"},
        socket,
        socket | {"WATCHDOG_USEC": "0"},
        socket | {"WATCHDOG_USEC": "soon"},
        socket | {"WATCHDOG_USEC": "180000000", "WATCHDOG_PID": "1"},
        {"NOTIFY_SOCKET": "vsock:2:1234", "WATCHDOG_USEC": "180000000"},
    ):
        assert ServiceManager(none).ping_every is None, none
    ServiceManager({}).ready()


def test_a_manager_that_does_not_listen_any_more_harms_nobody(tmp_path: Path) -> None:
    with notify_socket(tmp_path) as listening:
        manager = ServiceManager({"NOTIFY_SOCKET": str(listening.path)})
    listening.path.unlink()
    manager.alive()


def test_an_abstract_address_is_understood() -> None:
    name = f"kiosk-test-{os.getpid()}"
    listening = NotifySocket(Path("\0" + name))
    try:
        ServiceManager({"NOTIFY_SOCKET": "@" + name}).ready()
        assert listening.waiting() == ["READY=1"]
    finally:
        listening.close()
