"""Tokens: made, sent, expired, revoked, and what each role may do."""

from __future__ import annotations

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kiosk.core.errors import InputError, StorageError
from kiosk.server.access import Role, TokenFile
from kiosk.server.refusals import NotAllowed
from tests.server.conftest import OpenRoom


class Clock:
    """Turned by hand."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def tokens(tmp_path: Path, clock: Clock) -> TokenFile:
    return TokenFile(tmp_path / "keys" / "tokens.json", clock)


def test_a_token_is_kept_as_a_hash_in_a_file_of_its_owner(
    tokens: TokenFile, tmp_path: Path
) -> None:
    made, text = tokens.add("front  desk", Role.ENROL, None)
    file = tmp_path / "keys" / "tokens.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert text not in file.read_text()
    assert tokens.check(text) == made
    assert (made.label, made.role) == ("front desk", Role.ENROL)
    assert TokenFile(file).tokens() == [made]


def test_a_token_counts_no_more_when_its_time_is_up(tokens: TokenFile, clock: Clock) -> None:
    _made, text = tokens.add("short", Role.IDENTIFY, 1.0)
    clock.now += timedelta(hours=23)
    assert tokens.check(text)
    clock.now += timedelta(hours=1)
    with pytest.raises(NotAllowed, match="expired"):
        tokens.check(text)


def test_what_another_process_revokes_stops_at_once(tokens: TokenFile, tmp_path: Path) -> None:
    made, text = tokens.add("gone", Role.ADMIN, None)
    assert tokens.check(text)
    TokenFile(tmp_path / "keys" / "tokens.json").revoke(made.token_id)
    with pytest.raises(NotAllowed, match="revoked"):
        tokens.check(text)
    with pytest.raises(InputError, match="no token"):
        tokens.revoke("00000000")


@pytest.mark.parametrize("label", ["", "  ", "x" * 101, "a\x1bb"])
def test_a_label_says_who_it_is_for(tokens: TokenFile, label: str) -> None:
    with pytest.raises(InputError):
        tokens.add(label, Role.IDENTIFY, None)
    assert tokens.tokens() == []


def test_a_file_that_cannot_be_read_lets_nobody_in(tokens: TokenFile, tmp_path: Path) -> None:
    _made, text = tokens.add("desk", Role.IDENTIFY, None)
    (tmp_path / "keys" / "tokens.json").write_text("{}")
    with pytest.raises(StorageError):
        tokens.check(text)


WRONG = {
    "none": ({}, "There is no token."),
    "unknown": ({"Authorization": "Bearer kiosk_nothing"}, "The token is not known."),
    "short": ({"Authorization": "Bearer x"}, "The token is not known."),
    "another kind": ({"Authorization": "Basic a2lvc2s6"}, "There is no token."),
    "revoked": ({"Authorization": "Bearer {revoked}"}, "The token was revoked."),
    "expired": ({"Authorization": "Bearer {expired}"}, "The token has expired."),
}


@pytest.mark.parametrize("what", WRONG)
def test_without_a_token_that_counts_nothing_is_done(scripted: OpenRoom, what: str) -> None:
    opened = scripted(require_token=True)
    tokens = opened.service.tokens
    revoked, revoked_text = tokens.add("revoked", Role.ADMIN, None)
    tokens.revoke(revoked.token_id)
    _expired, expired_text = tokens.add("expired", Role.ADMIN, -1.0)
    headers, text = WRONG[what]
    sent = {
        key: value.format(revoked=revoked_text, expired=expired_text)
        for key, value in headers.items()
    }
    answer = opened.client.post("/v1/identify", headers=sent, files={"file": b"0"})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert answer.json()["detail"] == text
    assert "kiosk serve token add" in answer.json()["remedy"]
    assert opened.client.get("/v1/health").status_code == 200


def test_each_role_may_do_what_it_is_for(scripted: OpenRoom) -> None:
    opened = scripted(require_token=True)
    asked = {
        ("POST", "/v1/identify"): Role.IDENTIFY,
        ("GET", "/v1/models"): Role.IDENTIFY,
        ("GET", "/metrics"): Role.IDENTIFY,
        ("GET", "/v1/subjects"): Role.ENROL,
        ("POST", "/v1/subjects/1/rollback"): Role.ENROL,
        ("GET", "/v1/decisions"): Role.ADMIN,
        ("DELETE", "/v1/subjects/2"): Role.ADMIN,
    }
    found = {}
    for role in Role:
        _made, text = opened.service.tokens.add(role.value, role, None)
        headers = {"Authorization": f"Bearer {text}"}
        for method, path in asked:
            files = {"file": b"0"} if path == "/v1/identify" else None
            answer = opened.client.request(method, path, headers=headers, files=files)
            found[role, path] = answer.status_code
            if answer.status_code == 403:
                assert answer.json()["code"] == "WrongRole"
    for (_method, path), needed in asked.items():
        allowed = [role for role in Role if found[role, path] != 403]
        assert allowed == [role for role in Role if role.allows(needed)], path


def test_a_job_is_for_whoever_asked_for_it(scripted: OpenRoom) -> None:
    opened = scripted(require_token=True)
    texts = [opened.service.tokens.add(name, Role.ADMIN, None)[1] for name in ("one", "two")]
    one, two = ({"Authorization": f"Bearer {text}"} for text in texts)
    sent = {"Prefer": "respond-async, wait=20", **one}
    answer = opened.client.post("/v1/identify", headers=sent, files={"file": b"0"})
    place = answer.headers["location"]
    assert opened.client.get(place, headers=one).json()["result"]["decision"]["name"] == "Alice"
    assert opened.client.get(place, headers=two).status_code == 404
