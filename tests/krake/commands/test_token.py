"""`krake token`: secrets are shown once, lists hold none, names and times are checked."""

from __future__ import annotations

import json
import os
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

import pytest

from krake.cli import run
from krake.embedded.admin_token import FILE, ensure_admin_token, read_token
from krake.errors import KrakeError
from krake.launch import environment
from krake.setting_groups.api import AuthenticationWay
from krake.settings import Settings
from krake.store.engine import open_database
from krake.store.tokens import Tokens
from krake.tokens import digest_of
from tests.support.databases import make_tables


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state folder with a migrated store."""
    for name in [name for name in os.environ if name.startswith("KRAKE_") and name != "KRAKE_CACHE"]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("KRAKE_STATE_DIR", str(tmp_path))
    make_tables(Settings().store_url)
    return tmp_path


def token(*words: str) -> tuple[int, str, str]:
    """Exit code, output and errors of `krake token …`."""
    with redirect_stdout(StringIO()) as out, redirect_stderr(StringIO()) as err:
        code = run(["token", *words])
    return code, out.getvalue(), err.getvalue()


def test_a_token_is_shown_once_listed_and_revoked(folder: Path) -> None:
    code, secret, words = token("create", "ci", "--user", "robot", "--group", "deployers", "--expires", "90d")
    assert code == 0
    assert secret.startswith("krake_") and secret.count("\n") == 1
    assert "robot (deployers), until " in words
    assert secret.strip() not in words
    _, listed, _ = token("list", "-o", "json")
    (found,) = json.loads(listed)
    assert (found["name"], found["user"], found["groups"]) == ("ci", "robot", ["deployers"])
    assert found["last_part"] == secret.strip()[-4:]
    assert found["expires"] > found["created"]
    _, table, _ = token("list")
    assert "robot" in table
    assert secret.strip() not in listed + table
    files = [path.read_bytes() for path in folder.iterdir() if path.is_file()]
    assert not [content for content in files if secret.strip().encode() in content]
    assert token("create", "ci")[0] == 1
    assert token("revoke", "ci")[:2] == (0, "Token 'ci' is revoked.\n")
    code, _, words = token("revoke", "ci")
    assert code == 1
    assert "krake token list" in words


def test_a_service_account_is_named_by_its_namespace(folder: Path) -> None:
    assert token("create", "edge", "--service-account", "factory/edge-1")[0] == 0
    (found,) = json.loads(token("list", "-o", "json")[1])
    assert found["user"] == "system:serviceaccount:factory:edge-1"
    assert found["expires"] is None


@pytest.mark.parametrize(
    "words",
    [
        ("create", "x", "--service-account", "nothing"),
        ("create", "x", "--service-account", "a/b", "--user", "c"),
        ("create", "x", "--expires", "soon"),
        ("create", "x", "--expires", "0d"),
        ("create", "x", "--user", "system:anonymous"),
        ("create", "x", "--group", "system:authenticated"),
        ("create", ""),
    ],
)
def test_what_cannot_be_given_out(folder: Path, words: tuple[str, ...]) -> None:
    code, out, errors = token(*words)
    assert code in (1, 2)
    assert out == ""
    assert errors
    assert json.loads(token("list", "-o", "json")[1]) == []


def test_a_store_without_tables_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code, _, errors = token("list", "--state-dir", str(tmp_path / "new"))
    assert code == 1
    assert "krake db upgrade" in errors


async def test_the_admin_token_stays_and_is_replaced_when_it_was_revoked(folder: Path) -> None:
    settings = Settings()
    path = folder / FILE
    await ensure_admin_token(settings)
    first = read_token(path)
    assert path.stat().st_mode & 0o777 == 0o600
    await ensure_admin_token(settings)
    assert read_token(path) == first
    database = open_database(settings.store_url)
    tokens = Tokens(database)
    (kept,) = await tokens.all()
    assert (kept.username, kept.member_of) == ("system:admin", ("system:masters",))
    await tokens.remove(kept.name)
    await ensure_admin_token(settings)
    assert read_token(path) != first
    path.unlink()
    await ensure_admin_token(settings)
    (kept,) = await tokens.all()
    assert kept.digest == digest_of(read_token(path))
    path.chmod(0o644)
    with pytest.raises(KrakeError, match="can be read by others"):
        await ensure_admin_token(settings)
    await database.close()


async def test_without_tokens_there_is_no_admin_token(folder: Path) -> None:
    await ensure_admin_token(Settings(authentication=[AuthenticationWay.STATIC]))
    assert not (folder / FILE).exists()


@pytest.mark.parametrize("text", ["tokens,oidc", '["tokens", "oidc"]', " tokens , oidc ,"])
def test_ways_can_be_written_with_commas_and_reach_the_processes(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KRAKE_AUTHENTICATION", text)
    monkeypatch.setenv("KRAKE_STATIC_GROUPS", "[]")
    settings = Settings()
    assert settings.authentication == [AuthenticationWay.TOKENS, AuthenticationWay.OIDC]
    assert settings.static_groups == []
    for name, value in environment(settings).items():
        monkeypatch.setenv(name, value)
    assert Settings() == settings
