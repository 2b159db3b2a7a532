"""The network between a kiosk and the server of its fleet, on loopback: with TLS before a server
that has none, cut, slowed, torn into pieces, and with connections that overtake each other. Within
one connection TCP puts everything in order again: what a network does out of order is seen in the
order of what different kiosks say, and in answers that never come."""

from __future__ import annotations

import random
import socket
import ssl
import struct
import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.support.postgres import Server
from tests.support.servers import free_port

_SSL_REQUEST = struct.pack(">II", 8, 80877103)


def certificate(folder: Path, host: str = "localhost") -> tuple[Path, Path]:
    """A certificate signed by itself, and its key, both as PEM files."""
    folder.mkdir(parents=True, exist_ok=True)
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem, secret = folder / "server.pem", folder / "server.key"
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return pem, secret


class Line:
    """Takes connections on a port of loopback and hands them to a server's socket. `delay` is
    seconds before each piece goes on; with `torn` pieces are of random size, and each waits up to
    `jitter` seconds by chance. Once the answer to what holds
    `unanswered` is lost, and the line with it."""

    def __init__(self, server: Server, tls: tuple[Path, Path] | None = None) -> None:
        self.server, self.port = server, free_port()
        self.delay, self.jitter, self.torn = 0.0, 0.0, False
        self.unanswered = b""
        self._tls: ssl.SSLContext | None = None
        if tls is not None:
            self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._tls.load_cert_chain(*tls)
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._listener: socket.socket | None = None
        self._ended = threading.Event()
        self.mend()

    def address(self, database: str) -> str:
        return f"postgresql://localhost:{self.port}/{database}"

    def cut(self) -> None:
        """Nothing goes through any more, and nobody is told."""
        listener, self._listener = self._listener, None
        if listener is not None:
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        with self._lock:
            for each in self._open:
                with suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        """It can be used again."""
        listener = socket.create_server(("127.0.0.1", self.port), reuse_port=True)
        self._listener = listener
        threading.Thread(target=self._accept, args=[listener], daemon=True).start()

    def close(self) -> None:
        self._ended.set()
        self.cut()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                taken, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=[taken], daemon=True).start()

    def _serve(self, taken: socket.socket) -> None:
        taken.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with suppress(OSError), taken:
            near = self._secured(taken)
            if near is None:
                return
            with near, socket.socket(socket.AF_UNIX) as far:
                far.connect(str(self.server.folder / f".s.PGSQL.{self.server.port}"))
                with self._lock:
                    self._open |= {near, far}
                lost = threading.Event()
                back = threading.Thread(target=self._pump, args=[far, near, lost], daemon=True)
                back.start()
                self._pump(near, far, lost, asks=True)
                back.join()
                with self._lock:
                    self._open -= {near, far}

    def _secured(self, taken: socket.socket) -> socket.socket | None:
        """The connection, in TLS where there is a certificate: PostgreSQL is asked for it first."""
        head = taken.recv(8, socket.MSG_PEEK)
        if head != _SSL_REQUEST:
            return taken
        taken.recv(8)
        taken.sendall(b"S" if self._tls else b"N")
        return self._tls.wrap_socket(taken, server_side=True) if self._tls else taken

    def _pump(
        self,
        source: socket.socket,
        target: socket.socket,
        lost: threading.Event,
        *,
        asks: bool = False,
    ) -> None:
        """One direction of a connection. `lost` is set before that is passed on whose answer is
        not to come: whoever brings it finds it set, however soon that is."""
        some = random.Random()
        with suppress(OSError, ValueError):
            while piece := source.recv(some.randint(1, 700) if self.torn else 65536):
                if not asks and lost.is_set():
                    break  # the server has done it
                if self.delay or self.jitter:
                    self._ended.wait(self.delay + some.uniform(0.0, self.jitter))
                if asks and self.unanswered and self.unanswered in piece:
                    self.unanswered = b""
                    lost.set()
                target.sendall(piece)
        for each in (source, target):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
