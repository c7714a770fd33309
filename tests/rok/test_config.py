"""Where the configuration comes from and what it may say."""

from __future__ import annotations

from pathlib import Path

import pytest

from rok.config import load_config
from rok.errors import ExitCode, RokError
from tests.rok.cli import Rok


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_without_a_file_the_defaults_are_upstreams() -> None:
    found = load_config(None, {})
    assert (found.api_url, found.default_namespace) == ("http://localhost:8080", "system:admin")


def test_the_search_goes_from_the_option_to_the_user_s_folder(tmp_path: Path) -> None:
    environ = {"XDG_CONFIG_HOME": str(tmp_path / "xdg")}
    write(tmp_path / "xdg" / "krakectl.yaml", "user: from-xdg")
    assert load_config(None, environ).user == "from-xdg"
    write(Path("krakectl.yaml"), "user: from-folder")
    assert load_config(None, environ).user == "from-folder"
    write(Path("rok.yaml"), "user: from-rok")
    assert load_config(None, environ).user == "from-rok"
    environ["ROK_CONFIG"] = str(write(tmp_path / "named.yaml", "user: from-variable"))
    assert load_config(None, environ).user == "from-variable"
    assert (
        load_config(str(write(tmp_path / "option.yaml", "user: from-option")), environ).user == "from-option"
    )


def test_variables_win_over_the_file() -> None:
    write(Path("rok.yaml"), "api_url: http://file:1\nuser: someone")
    found = load_config(None, {"ROK_API_URL": "http://variable:2/", "ROK_NAMESPACE": "team"})
    assert (found.api_url, found.default_namespace) == ("http://variable:2", "team")


def test_tls_makes_the_url_https_with_a_warning() -> None:
    write(Path("rok.yaml"), "api_url: http://krake:8080\ntls: {enabled: true, client_ca: ca.pem}")
    found = load_config(None, {})
    assert found.api_url == "https://krake:8080"
    assert found.warning == "WARNING: API endpoint forced to scheme 'https', as TLS is enabled"


def test_an_upstream_file_with_tls_turned_off_works() -> None:
    write(Path("krakectl.yaml"), "api_url: http://krake:8080\ntls:\n  enabled: false\n  client_ca: x\n")
    assert load_config(None, {}).api_url == "http://krake:8080"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("api-url: x", "Unknown keys: api-url"),
        ("tls: {cert: x}", "Unknown keys: tls.cert"),
        ("user: [a]", "It has to be a text: user"),
        ("- a", "a mapping"),
        ("tls: {enabled: maybe}", "tls.enabled has to be true or false"),
        ("a: b: c", "not valid YAML"),
        ("api_url: krake:8080", "is not the address of an API"),
    ],
)
def test_a_wrong_file_says_what_is_wrong(text: str, words: str) -> None:
    write(Path("rok.yaml"), text)
    with pytest.raises(RokError) as caught:
        load_config(None, {})
    assert words in str(caught.value)
    assert "rok.yaml" in str(caught.value)
    assert caught.value.code is ExitCode.USAGE


def test_a_missing_file_that_was_asked_for_is_an_error(rok: Rok) -> None:
    answer = rok("kube", "app", "list", "--config", "nowhere.yaml")
    assert answer.code == 2
    assert "Cannot read the configuration file nowhere.yaml" in answer.err


def test_view_masks_the_token(rok: Rok) -> None:
    write(Path("rok.yaml"), "token: s3cr3t\nuser: someone")
    for output in ("table", "json", "yaml"):
        shown = rok("config", "view", "-o", output).ok().out
        assert "s3cr3t" not in shown
        assert "********" in shown
        assert "someone" in shown
