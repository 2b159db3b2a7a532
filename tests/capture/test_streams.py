"""Streams from real ffmpeg servers on this machine: in step, lost and back, refused."""

from __future__ import annotations

import signal
import socket
import subprocess
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from kiosk.capture.address import Address
from kiosk.capture.base import Event
from kiosk.capture.interleaver import Interleaver
from kiosk.capture.sources import open_source
from kiosk.capture.streams import StreamSource
from kiosk.core.errors import InputError, StreamLost
from kiosk.core.media import AudioChunk, Frame, NoticeKind, SourceNotice
from kiosk.runtime.metrics import RuntimeMetrics
from tests.support.paths import DEMO
from tests.support.recordings import beep, flash, frames, make_clip, notices, onsets, sounds
from tests.support.rtsp_server import RtspServer
from tests.support.servers import (
    TurnedClock,
    collect,
    free_port,
    push_stream,
    serve_files,
    serve_parts,
    serve_stream,
    stop,
)

SIZE = (320, 240)
IN_STEP = 0.08
"""Seconds picture and sound may be apart before it is noticed."""
PULLED = [("http", "/live", "mpegts"), ("http", "/live", "matroska"), ("rtmp", "/a/b", "flv")]
PUSHED = [("http", "/live", "mpegts"), ("rtmp", "/a/b", "flv"), ("rtsp", "/live", "rtsp")]


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A flash and a beep each second."""
    path = tmp_path_factory.mktemp("streams") / "clip.mp4"
    return make_clip(path, seconds=5, size=SIZE, painter=flash(SIZE), player=beep)


def times(events: list[Event]) -> list[float]:
    return [event.time for event in events if not isinstance(event, SourceNotice)]


def kinds(events: list[Event]) -> list[NoticeKind]:
    return [notice.kind for notice in notices(events)]


def long_enough(events: list[Event]) -> bool:
    """Three flashes have passed. Cheap: whoever looks too long at a live stream misses frames."""
    first, last = events[0], events[-1]
    if isinstance(first, SourceNotice) or isinstance(last, SourceNotice):
        return False
    return last.time - first.time > 4.2


def watched(url: str) -> tuple[StreamSource, list[Frame]]:
    """A source and where its preview leaves every frame."""
    source = StreamSource(url)
    shown: list[Frame] = []
    source.preview = shown.append
    return source, shown


def assert_in_step(events: list[Event], shown: list[Frame]) -> None:
    """Judged by the frames shown: a reader on a busy machine may miss a flash, the preview not."""
    seen, heard = onsets([*shown, *sounds(events)])
    apart = [min(abs(flashed - beeped) for beeped in heard) for flashed in seen[1:]]
    assert len(apart) >= 2
    assert max(apart) < IN_STEP


@pytest.mark.parametrize(("scheme", "path", "container"), PULLED)
def test_called_stream_is_in_step(clip: Path, scheme: str, path: str, container: str) -> None:
    url = f"{scheme}://127.0.0.1:{free_port()}{path}"
    server = serve_stream(clip, url, container)
    source, shown = watched(url)
    try:
        events = collect(source, long_enough)
    finally:
        stop(server)
    assert_in_step(events, shown)
    assert times(events) == sorted(times(events))
    assert {frame.image.shape for frame in frames(events)} == {(240, 320, 3)}


def test_network_camera_is_in_step(clip: Path) -> None:
    with RtspServer(clip) as camera:
        source, shown = watched(camera.url)
        events = collect(source, long_enough)
    assert_in_step(events, shown)
    assert times(events) == sorted(times(events))
    assert {frame.image.shape for frame in frames(events)} == {(240, 320, 3)}


@pytest.mark.parametrize(("scheme", "path", "container"), PUSHED)
def test_awaited_stream_is_in_step_and_may_end(
    clip: Path, scheme: str, path: str, container: str
) -> None:
    url = f"{scheme}://127.0.0.1:{free_port()}{path}"
    source, shown = watched(f"{url}?listen=1")
    senders: list[subprocess.Popen[bytes]] = []

    def until_lost(events: list[Event]) -> bool:
        if isinstance(events[-1], SourceNotice) and not senders:
            senders.append(push_stream(clip, url, container))
        return kinds(events) == [NoticeKind.LOST, NoticeKind.RESTORED, NoticeKind.LOST]

    try:
        events = collect(source, until_lost)
    finally:
        for sender in senders:
            stop(sender)
    assert_in_step(events, shown)
    assert "Nobody sends to it yet" in notices(events)[0].text
    assert "has ended" in notices(events)[-1].text


def test_stream_that_dies_is_lost_and_comes_back(clip: Path) -> None:
    url = f"http://127.0.0.1:{free_port()}/live"
    servers = [serve_stream(clip, url, "mpegts")]

    def play(events: list[Event]) -> bool:
        if len(frames(events)) == 10 and len(servers) == 1 and servers[0].poll() is None:
            stop(servers[0])
        if kinds(events) == [NoticeKind.LOST] and len(servers) == 1:
            servers.append(serve_stream(clip, url, "mpegts"))
        back = kinds(events) == [NoticeKind.LOST, NoticeKind.RESTORED]
        return back and isinstance(events[-1], Frame)

    try:
        events = collect(StreamSource(url), play)
    finally:
        for server in servers:
            stop(server)
    assert times(events) == sorted(times(events))
    indices = [frame.index for frame in frames(events)]
    assert indices == sorted(set(indices))


def test_stream_that_stalls_is_lost(clip: Path) -> None:
    url = f"rtmp://127.0.0.1:{free_port()}/a/b"
    server = serve_stream(clip, url, "flv")

    def stall(events: list[Event]) -> bool:
        if len(frames(events)) == 10:
            server.send_signal(signal.SIGSTOP)
        return bool(notices(events))

    try:
        events = collect(StreamSource(url, stall_limit=1), stall)
    finally:
        stop(server)
    assert notices(events)[0].kind is NoticeKind.LOST
    assert "has sent nothing for 1 s" in notices(events)[0].text


def test_end_of_a_stream_is_the_end_without_reconnecting(clip: Path) -> None:
    url = f"rtmp://127.0.0.1:{free_port()}/a/b"
    server = serve_stream(clip, url, "flv")
    events: list[Event] = []
    with StreamSource(url, reconnect=False) as source:
        for event in source.events():
            events.append(event)
            if len(frames(events)) == 10:
                stop(server)
    assert len(frames(events)) >= 10
    assert notices(events) == []


def test_recording_over_http_plays_at_its_own_speed(clip: Path) -> None:
    clock = TurnedClock()
    with (
        serve_files(clip.parent) as server,
        StreamSource(f"{server}/clip.mp4", clock=clock) as source,
    ):
        events = list(source.events())
    assert len(frames(events)) == 125
    assert sum(chunk.seconds for chunk in sounds(events)) == pytest.approx(5, abs=0.05)
    assert sum(wait for wait in clock.waits if wait > 0) == pytest.approx(5, abs=0.1)
    assert notices(events) == []


def test_what_a_server_plays_is_read_from_its_own_beginning_on(clip: Path) -> None:
    """Its times are those of the clock: on a machine up for an hour it was at 64:56 of 0:06."""
    clock = TurnedClock(3_900.0)
    with (
        serve_files(clip.parent) as server,
        StreamSource(f"{server}/clip.mp4", clock=clock) as source,
    ):
        metrics = RuntimeMetrics()
        told = [metrics.reading() for e in metrics.watch(source).events() if isinstance(e, Frame)]
    shown = [each for each in told if each is not None]
    assert len(shown) == len(told) > 10
    assert 0 <= shown[0].position < 0.5
    length = shown[-1].length
    assert length is not None
    assert shown[-1].position == pytest.approx(length, abs=0.5)


def test_of_a_recording_over_http_nothing_is_dropped(clip: Path) -> None:
    """However slowly it is taken; once it came as if it were live, and people in it were lost."""
    with serve_files(clip.parent) as server:
        source = open_source(f"{server}/clip.mp4")
        events = []
        for event in source.events():
            events.append(event)
            if isinstance(event, Frame):
                np.linalg.svd(np.ones((60, 60)))  # as somebody who works with each picture
    assert len(frames(events)) == 125
    assert source.dropped == 0
    assert sum(chunk.seconds for chunk in sounds(events)) == pytest.approx(5, abs=0.05)
    assert times(events) == sorted(times(events))
    assert times(events)[0] == pytest.approx(0, abs=0.05)


@pytest.fixture(scope="module")
def rich(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """So large that what was read before the index is forgotten."""
    pictures = iter(np.random.default_rng(1).integers(0, 255, (50, 240, 320, 3), dtype=np.uint8))
    path = tmp_path_factory.mktemp("rich") / "clip.mp4"
    make_clip(path, seconds=2, size=SIZE, painter=lambda _: next(pictures))
    assert path.stat().st_size > 1_000_000
    return path


@pytest.mark.parametrize("serve", [serve_files, serve_parts])
def test_a_file_with_its_index_at_the_end_is_read_over_http(
    rich: Path, serve: Callable[[Path], AbstractContextManager[str]]
) -> None:
    """Telephones write mp4 so; a server that cannot give parts of it has to give all of it."""
    content = rich.read_bytes()
    assert content.index(b"moov") > content.index(b"mdat")
    with serve(rich.parent) as server, open_source(f"{server}/clip.mp4") as source:
        assert not source.connect()
        events = list(source.events())
    assert len(frames(events)) == 50
    assert (source.dropped, notices(events)) == (0, [])


def test_what_comes_decides_whether_it_is_live(clip: Path) -> None:
    with serve_files(clip.parent) as server, open_source(f"{server}/clip.mp4") as recorded:
        assert recorded.live
        assert not recorded.connect()
        assert not recorded.live
    url = f"http://127.0.0.1:{free_port()}/live"
    server = serve_stream(clip, url, "mpegts")  # which answers one caller only
    try:
        with open_source(url) as source:
            assert source.connect()
            assert frames(collect(source, lambda events: len(frames(events)) > 3))
    finally:
        stop(server)


def test_what_is_not_there_is_told_when_it_is_asked_for(clip: Path) -> None:
    url = f"http://127.0.0.1:{free_port()}/clip.mp4"
    with open_source(url) as source, pytest.raises(StreamLost, match="refused"):
        source.connect()
    with open_source(url, awaited=True) as source:
        assert source.connect()


def test_picture_and_sound_may_change_their_form_on_the_way(tmp_path: Path) -> None:
    """A camera or encoder that is set anew goes on in the same stream."""
    forms = ((SIZE, 48_000), ((160, 120), 44_100))
    with (tmp_path / "both.ts").open("wb") as joined:
        for size, rate in forms:
            clip = make_clip(tmp_path / "part.mp4", seconds=2, size=size, rate=rate)
            made = tmp_path / "part.ts"
            command = [
                "ffmpeg",
                "-y",
                "-loglevel",
                "error",
                "-i",
                str(clip),
                "-c",
                "copy",
                str(made),
            ]
            subprocess.run(command, check=True)
            joined.write(made.read_bytes())
    with serve_files(tmp_path) as server, open_source(f"{server}/both.ts") as source:
        events = list(source.events())
    assert {frame.image.shape for frame in frames(events)} == {(240, 320, 3), (120, 160, 3)}
    assert {chunk.rate for chunk in sounds(events)} == {48_000, 44_100}
    assert times(events) == sorted(times(events))


def test_a_stream_that_shows_one_picture_for_long_is_lost(tmp_path: Path) -> None:
    picture = np.asarray(Image.open(DEMO / "stills" / "bawi.jpg").resize(SIZE))
    film = make_clip(tmp_path / "still.mp4", seconds=8, size=SIZE, painter=lambda _: picture)
    url = f"rtmp://127.0.0.1:{free_port()}/a/b"
    server = serve_stream(film, url, "flv")
    try:
        events = collect(StreamSource(url, frozen_limit=1.5), lambda found: bool(notices(found)))
    finally:
        stop(server)
    assert notices(events)[0].kind is NoticeKind.LOST
    assert "shows the same picture again and again" in notices(events)[0].text


def test_an_ended_play_list_is_a_recording_and_ends(clip: Path, tmp_path: Path) -> None:
    for name in ("a.ts", "b.ts"):
        with av.open(str(clip)) as given, av.open(str(tmp_path / name), "w") as made:
            streams = {s.index: made.add_stream_from_template(s) for s in given.streams}
            for packet in given.demux():
                if packet.dts is not None:
                    packet.stream = streams[packet.stream_index]
                    made.mux(packet)
    head = "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:6\n#EXTINF:5,\na.ts\n"
    tail = "#EXT-X-DISCONTINUITY\n#EXTINF:5,\nb.ts\n#EXT-X-ENDLIST\n"
    (tmp_path / "list.m3u8").write_text(head + tail)
    with serve_files(tmp_path) as server, open_source(f"{server}/list.m3u8") as source:
        events = list(source.events())
    assert len(frames(events)) == 250
    assert (source.dropped, notices(events)) == (0, [])


def test_an_awaited_stream_need_not_be_there_yet(clip: Path) -> None:
    port = free_port()
    files = partial(SimpleHTTPRequestHandler, directory=str(clip.parent))
    servers: list[ThreadingHTTPServer] = []

    def until_there(events: list[Event]) -> bool:
        if kinds(events) == [NoticeKind.LOST] and not servers:
            servers.append(ThreadingHTTPServer(("127.0.0.1", port), files))
            threading.Thread(target=servers[0].serve_forever, daemon=True).start()
        return isinstance(events[-1], Frame)

    source = open_source(f"http://127.0.0.1:{port}/clip.mp4", awaited=True)
    try:
        events = collect(source, until_there)
    finally:
        for server in servers:
            server.shutdown()
            server.server_close()
    assert kinds(events) == [NoticeKind.LOST, NoticeKind.RESTORED]
    assert "refused the connection" in notices(events)[0].text


def failure(url: str, **limits: float) -> StreamLost:
    with pytest.raises(StreamLost) as caught, StreamSource(url, **limits) as source:  # type: ignore[arg-type]
        list(source.events())
    assert caught.value.remedy
    assert "\n" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize("scheme", ["rtsp", "rtmp", "http"])
def test_nobody_listens(scheme: str) -> None:
    assert "refused the connection" in failure(f"{scheme}://127.0.0.1:{free_port()}/x").text


@pytest.mark.parametrize("scheme", ["rtsp", "rtmp", "http"])
def test_somebody_listens_and_never_answers(scheme: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        url = f"{scheme}://127.0.0.1:{mute.getsockname()[1]}/x"
        assert "did not answer within 0.5 s" in failure(url, open_limit=0.5).text


@pytest.mark.parametrize("scheme", ["rtsp", "rtmp", "http"])
def test_unknown_host(scheme: str) -> None:
    assert "has an unknown host" in failure(f"{scheme}://nowhere.invalid/x").text


def test_wrong_path_and_wrong_content(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("<p>This is a page.</p>" * 100)
    with serve_files(tmp_path) as server:
        assert "(404)" in failure(f"{server}/nothing").text
        assert "nothing that is picture or sound" in failure(f"{server}/page.html").text


def test_occupied_port_cannot_be_listened_at() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        url = f"rtmp://127.0.0.1:{other.getsockname()[1]}/a?listen=1"
        assert "the port is used by another program" in failure(url).text


@pytest.mark.parametrize("scheme", ["rtsp", "rtmp", "http"])
def test_listener_closes_though_nobody_ever_sends(scheme: str) -> None:
    source = StreamSource(f"{scheme}://127.0.0.1:{free_port()}/x?listen=1")
    [notice] = collect(source, lambda events: True)
    assert isinstance(notice, SourceNotice)


def test_address_shows_no_secret() -> None:
    address = Address.parse("rtsp://me:secret@camera.local/door?token=1")
    assert address.shown == "rtsp://camera.local:554/door"
    assert not address.listen
    listener = Address.parse("rtmp://0.0.0.0:1935/live?listen=1&key=2")
    assert listener == Address("rtmp://0.0.0.0:1935/live?key=2", listen=True)
    assert listener.host == "localhost"


@pytest.mark.parametrize("text", ["rtsp://", "rtsp:///x", "ftp://host/x", "http://host:99999/", ""])
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(InputError, match="not the address of a stream"):
        Address.parse(text)


def picture(time: float) -> Frame:
    return Frame(np.zeros((1, 1, 3), np.uint8), time)


def sound(time: float) -> AudioChunk:
    return AudioChunk(np.zeros(10, np.float32), 1000, time)


def test_sound_waits_for_the_picture_before_it() -> None:
    order = Interleaver(2)
    out = [
        sample.time
        for given in (sound(0.0), sound(0.1), picture(0.05), sound(0.2), picture(0.15))
        for sample in order.add(given)
    ]
    assert out == [0.0, 0.05, 0.1, 0.15]
    assert [sample.time for sample in order.rest()] == [0.2]


def test_sound_does_not_wait_for_a_picture_that_never_comes() -> None:
    order = Interleaver(2, patience=0.5)
    out = [sample.time for step in range(10) for sample in order.add(sound(step / 10))]
    assert out == pytest.approx([0.0, 0.1, 0.2, 0.3, 0.4])
