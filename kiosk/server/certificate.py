"""TLS: the operator's own certificate, or a self-signed one made here."""

from __future__ import annotations

import ipaddress
import os
import ssl
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.core.errors import InputError, SettingsError, StorageError
from kiosk.core.settings import Settings

if TYPE_CHECKING:
    from cryptography import x509

CERTIFICATE, KEY = "service.crt", "service.key"
"""Beside the gallery's key, where the settings name no others."""


def certificate_files(settings: Settings) -> tuple[Path, Path]:
    """Where certificate and key are, or would be."""
    folder = settings.key_file.parent
    chosen, key = settings.service_certificate, settings.service_certificate_key
    return (
        folder / CERTIFICATE if chosen == Path() else chosen,
        folder / KEY if key == Path() else key,
    )


def check_certificate(certificate: Path, key: Path) -> None:
    """Raise SettingsError unless both are there and belong together."""
    for file in (certificate, key):
        if not file.is_file():
            raise SettingsError(
                f"There is no {file}, and without TLS only this machine may be listened to.",
                "Make one with `kiosk serve certificate`, or name yours in service_certificate and "
                "service_certificate_key.",
                key="service_certificate",
            )
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key)
    except (ssl.SSLError, OSError) as error:
        raise SettingsError(
            f"{certificate} and {key} are no certificate and its key.",
            "Both are files in PEM form that belong together; the key without a passphrase.",
            key="service_certificate",
        ) from error


def make_certificate(
    certificate: Path, key: Path, hosts: Sequence[str], days: int, *, force: bool = False
) -> str:
    """Write a self-signed certificate for these names and addresses, and its key of mode 0600;
    returns the SHA-256 fingerprint. Raises InputError, StorageError."""
    for file in (certificate, key):
        if file.exists() and not force:
            raise InputError(f"{file} exists already.", "Replace it with --force.")
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    secret = ec.generate_private_key(ec.SECP256R1())
    made = _signed(secret, hosts, days)
    _write(
        key,
        secret.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
        0o600,
    )
    _write(certificate, made.public_bytes(serialization.Encoding.PEM), 0o644)
    return made.fingerprint(hashes.SHA256()).hex(":").upper()


def _signed(secret: object, hosts: Sequence[str], days: int) -> x509.Certificate:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    assert isinstance(secret, ec.EllipticCurvePrivateKey)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "kiosk")])
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(secret.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([_general(host) for host in hosts]), False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False)
        .sign(secret, hashes.SHA256())
    )


def _general(host: str) -> x509.GeneralName:
    from cryptography import x509

    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        pass
    try:
        return x509.DNSName(host.encode("idna").decode("ascii"))
    except UnicodeError as error:
        raise InputError(
            f"{host!r} is neither a name nor an address.", "Give names as in kiosk.example."
        ) from error


def _write(file: Path, content: bytes, mode: int) -> None:
    draft = file.with_name(file.name + ".new")
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        opened = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
        with os.fdopen(opened, "wb") as out:
            out.write(content)
        draft.chmod(mode)
        draft.replace(file)
    except OSError as error:
        raise StorageError(f"{file} cannot be written.", f"{error.strerror}.") from error
