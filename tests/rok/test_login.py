"""Logging in, contexts, and which token a call shows; none is ever printed."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import yaml

from krake.local_access import announce, token_file_for, withdraw
from krake.setting_groups.api import AuthenticationWay
from krake.store import Store
from krake.tokens import issue
from rok.config import load_config
from rok.errors import RokError
from tests.rok.cli import Rok
from tests.rok.server import ApiProcess
from tests.support.issuer import CLIENT, Issuer, running_issuer


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    """An OpenID Connect issuer."""
    with running_issuer() as running:
        yield running


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory, issuer: Issuer) -> Iterator[ApiProcess]:
    """An API that wants to know who asks."""
    ways = (AuthenticationWay.TOKENS, AuthenticationWay.OIDC)
    process = ApiProcess(
        tmp_path_factory.mktemp("guarded"), ways, oidc_issuer=issuer.url, oidc_audiences=["krake"]
    )
    process.start()
    yield process
    process.kill()


@pytest.fixture
def rok(guarded: ApiProcess) -> Rok:
    """`rok` of somebody who has not logged in."""
    return Rok(guarded.url, "default")


def logins() -> Path:
    """Where `rok login` keeps what it is given."""
    return Path(os.environ["XDG_CONFIG_HOME"]) / "rok" / "logins.json"


def configure(text: str) -> None:
    """Write the configuration file of the working folder."""
    Path("rok.yaml").write_text(text)


async def given_out(api: ApiProcess, name: str, **more: timedelta) -> str:
    """The secret of a new token."""
    async with api.open_store() as store:
        return await add(store, name, **more)


async def add(store: Store, name: str, **more: timedelta) -> str:
    secret, token = issue(f"{name}-{os.urandom(4).hex()}", name, ["developers"], **more)
    await store.tokens.add(token)
    return secret


async def test_login_tries_the_token_keeps_it_for_its_owner_only_and_logout_forgets_it(
    rok: Rok, guarded: ApiProcess
) -> None:
    secret = await given_out(guarded, "alice")
    refused = rok("whoami")
    assert refused.code == 5
    assert "rok login" in refused.err
    wrong = rok("login", stdin="krake_" + "A" * 43)
    assert wrong.code == 5 and "not known" in wrong.err
    assert rok("whoami").code == 5
    done = rok("login", stdin=f"{secret}\n").ok()
    assert done.out == f"Logged in to {guarded.url} as alice.\n"
    assert logins().stat().st_mode & 0o777 == 0o600
    me = rok("whoami", "-o", "json").ok()
    assert me.json["user"] == "alice"
    assert me.json["groups"] == ["developers", "system:authenticated"]
    assert me.json["token_source"] == "rok login"
    said = [done, me, rok("whoami"), rok("config", "view"), rok("config", "view", "-o", "json")]
    assert not [answer for answer in said if secret in answer.out + answer.err]
    assert "********" in said[-1].out
    assert rok("whoami", ROK_API_URL=guarded.url.replace("127.0.0.1", "localhost")).code == 5
    rok("logout").ok()
    assert rok("whoami").code == 5
    assert "no login" in rok("logout").ok().out


async def test_the_most_explicit_token_counts(rok: Rok, guarded: ApiProcess, tmp_path: Path) -> None:
    users = ("file", "variable", "named", "configured", "kept")
    secrets = {name: await given_out(guarded, name) for name in users}
    for name in ("file", "named"):
        (tmp_path / name).write_text(secrets[name] + "\n")
    rok("login", stdin=secrets["kept"]).ok()

    def user(*words: str, **environment: str) -> str:
        return str(rok(*words, "whoami", "-o", "json", **environment).ok().json["user"])

    assert user() == "kept"
    configure(f"token: {secrets['configured']}\n")
    assert user() == "configured"
    variables = {"ROK_TOKEN_FILE": str(tmp_path / "named")}
    assert user(**variables) == "named"
    variables["ROK_TOKEN"] = secrets["variable"]
    assert user(**variables) == "variable"
    assert user("--token-file", str(tmp_path / "file"), **variables) == "file"
    again = rok("login", stdin=secrets["kept"]).ok()
    assert "comes first" in again.err


@pytest.mark.parametrize(
    ("content", "words"), [(None, "Cannot read"), ("", "no token"), ("a b\n", "no token"), ("é", "no token")]
)
def test_a_token_file_that_holds_none(rok: Rok, tmp_path: Path, content: str | None, words: str) -> None:
    if content is not None:
        (tmp_path / "token").write_text(content)
    answer = rok("--token-file", str(tmp_path / "token"), "whoami")
    assert answer.code == 2
    assert words in answer.err


async def test_an_expired_token_says_so(rok: Rok, guarded: ApiProcess) -> None:
    secret = await given_out(guarded, "bob", lifetime=timedelta(microseconds=1))
    answer = rok("whoami", ROK_TOKEN=secret)
    assert answer.code == 5
    assert "has expired" in answer.err
    assert secret not in answer.err


def test_login_at_an_issuer_waits_for_the_browser_and_renews_itself(rok: Rok, issuer: Issuer) -> None:
    issuer.waiting, issuer.renewals = 1, 1
    done = rok("login", "--issuer", issuer.url, "--client-id", CLIENT).ok()
    assert "confirm the code WXYZ" in done.err
    assert f"{issuer.url}/confirm" in done.err
    assert rok("whoami", "-o", "json").ok().json["user"] == "alice"
    kept = json.loads(logins().read_text())
    for login in kept.values():
        login["expires"] = 1.0
    logins().write_text(json.dumps(kept))
    assert rok("whoami").ok()
    assert issuer.renewals == 0
    logins().write_text(json.dumps(kept))
    ended = rok("whoami")
    assert ended.code == 5
    assert "The login has ended" in ended.err and "rok login --issuer" in ended.err
    said = done.out + done.err + ended.out + ended.err
    assert not [word for word in ("r3fresh", "d3v1ce", "0paque", "eyJ") if word in said]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--issuer", "http://127.0.0.1:1", "--client-id", "rok"), "refused"),
        (("--issuer", "http://id.example.org", "--client-id", "rok"), "is not encrypted"),
        (("--issuer", "http://127.0.0.1:1"), "belong together"),
    ],
)
def test_a_login_that_cannot_be(rok: Rok, words: tuple[str, ...], why: str) -> None:
    answer = rok("login", *words)
    assert answer.code != 0
    assert why in answer.err


def test_an_unknown_client_is_told_by_the_issuer(rok: Rok, issuer: Issuer) -> None:
    answer = rok("login", "--issuer", issuer.url, "--client-id", "stranger")
    assert answer.code == 5
    assert "There is no such client" in answer.err


async def test_contexts_are_made_listed_and_used(rok: Rok, guarded: ApiProcess, tmp_path: Path) -> None:
    (tmp_path / "token").write_text(await given_out(guarded, "alice"))
    bare = Rok(guarded.url, "default")
    del bare.environment["ROK_API_URL"], bare.environment["ROK_NAMESPACE"]
    first = ("--api-url", guarded.url, "--token-file", str(tmp_path / "token"), "--namespace", "team")
    bare("config", "set-context", "work", *first).ok()
    bare("config", "set-context", "away", "--api-url", "http://127.0.0.1:1", "--user", "bob").ok()
    path = Path(os.environ["XDG_CONFIG_HOME"]) / "rok.yaml"
    assert path.stat().st_mode & 0o777 == 0o600
    assert bare("whoami", "-o", "json").ok().json["user"] == "alice"
    assert bare("config", "view", "-o", "json").ok().json["namespace"] == "team"
    bare("config", "use-context", "away").ok()
    shown = bare("config", "get-contexts", "-o", "json").ok().json["items"]
    assert [(one["name"], one["current"]) for one in shown] == [("work", False), ("away", True)]
    assert "away" in bare("config", "get-contexts").ok().out
    assert bare("whoami").code == 10
    for words, more in ((("--context", "work"), {}), ((), {"ROK_CONTEXT": "work"})):
        assert bare(*words, "whoami", "-o", "json", **more).ok().json["user"] == "alice"
    bare("config", "set-context", "away", "--client-ca", "ca.pem").ok()
    changed = yaml.safe_load(path.read_text())["contexts"]["away"]
    assert changed["user"] == "bob"
    assert changed["tls"] == {"enabled": True, "client_ca": "ca.pem"}
    missing = bare("--context", "nowhere", "whoami")
    assert missing.code == 2
    assert "away, work" in missing.err
    assert bare("config", "use-context", "nowhere").code == 3


def test_the_token_of_a_krake_up_is_found_while_it_runs(tmp_path: Path) -> None:
    path = tmp_path / "admin.token"
    announce("http://127.0.0.1:4711", path)
    for url in ("http://localhost:4711", "http://127.0.0.1:4711/", "http://[::1]:4711"):
        assert token_file_for(url) == path
    for url in ("http://127.0.0.1:4712", "http://192.0.2.1:4711", "http://krake.example.org:4711"):
        assert token_file_for(url) is None
    withdraw("http://127.0.0.1:4711")
    assert token_file_for("http://127.0.0.1:4711") is None


def test_the_note_of_a_krake_up_that_was_killed_is_not_believed(tmp_path: Path) -> None:
    announce("http://127.0.0.1:4711", tmp_path / "admin.token")
    (note,) = (tmp_path / "state" / "krake" / "serving").iterdir()
    for pid in (2**22 + 1, 0, -1, "1", None):
        note.write_text(json.dumps({**json.loads(note.read_text()), "pid": pid}))
        assert token_file_for("http://127.0.0.1:4711") is None
    note.write_text("{")
    assert token_file_for("http://127.0.0.1:4711") is None


def test_a_broken_file_of_logins_is_named(rok: Rok) -> None:
    logins().parent.mkdir(parents=True)
    logins().write_text("{")
    answer = rok("whoami")
    assert answer.code == 2
    assert str(logins()) in answer.err


def test_a_file_with_two_tokens_is_refused() -> None:
    Path("rok.yaml").write_text("token: a\ntoken_file: b\n")
    with pytest.raises(RokError, match="both a token and a token_file"):
        load_config(None, {})
