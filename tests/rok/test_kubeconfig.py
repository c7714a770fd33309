"""A user's kubeconfig becomes one that a server can use."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from krake.models.kubeconfig import check_kubeconfig
from rok.errors import ExitCode, RokError
from rok.kubeconfig import reduce_kubeconfig

Document = dict[str, Any]


def two_contexts() -> Document:
    return {
        "apiVersion": "v1",
        "current-context": "a",
        "clusters": [
            {"name": "ca", "cluster": {"server": "https://a", "certificate-authority": "pki/ca.crt"}},
            {"name": "cb", "cluster": {"server": "https://b", "extensions": [{"name": "x"}]}},
        ],
        "users": [
            {"name": "ua", "user": {"client-certificate": "a.crt", "client-key": "a.key"}},
            {"name": "ub", "user": {"tokenFile": "token", "token": "old"}},
        ],
        "contexts": [
            {"name": "a", "context": {"cluster": "ca", "user": "ua", "namespace": "n"}},
            {"name": "b", "context": {"cluster": "cb", "user": "ub"}},
        ],
    }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "pki").mkdir()
    for name, text in {"pki/ca.crt": "CA", "a.crt": "CERT", "a.key": "KEY", "token": "new\n"}.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def test_the_current_context_is_kept_with_its_files_inside(folder: Path) -> None:
    reduced = reduce_kubeconfig(two_contexts(), None, folder)
    assert reduced["contexts"] == [
        {"name": "a", "context": {"cluster": "ca", "user": "ua", "namespace": "n"}}
    ]
    assert reduced["clusters"] == [
        {"name": "ca", "cluster": {"server": "https://a", "certificate-authority-data": encoded("CA")}}
    ]
    user = {"client-certificate-data": encoded("CERT"), "client-key-data": encoded("KEY")}
    assert reduced["users"] == [{"name": "ua", "user": user}]
    assert check_kubeconfig(reduced)


def test_a_chosen_context_and_its_token_file(folder: Path) -> None:
    reduced = reduce_kubeconfig(two_contexts(), "b", folder)
    assert reduced["current-context"] == "b"
    assert reduced["users"][0]["user"] == {"token": "new"}
    assert reduced["clusters"][0]["cluster"] == {"server": "https://b"}
    assert check_kubeconfig(reduced)


def test_data_that_is_there_wins_over_a_file(folder: Path) -> None:
    given = two_contexts()
    given["clusters"][0]["cluster"]["certificate-authority-data"] = "data"
    cluster = reduce_kubeconfig(given, "a", folder)["clusters"][0]["cluster"]
    assert cluster == {"server": "https://a", "certificate-authority-data": "data"}


@pytest.mark.parametrize("program", ["exec", "auth-provider"])
def test_a_login_by_a_program_is_refused_with_a_way_out(program: str, folder: Path) -> None:
    given = two_contexts()
    given["users"][0]["user"] = {program: {"command": "aws"}}
    with pytest.raises(RokError, match="logs in by a program") as caught:
        reduce_kubeconfig(given, None, folder)
    assert "kubectl create token" in caught.value.fix


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"current-context": "z"}, "the context 'z' is not present in the provided kubeconfig file"),
        ({"current-context": ""}, "names no current context"),
        ({"clusters": []}, "has no cluster 'ca'"),
        ({"users": None}, "has no user 'ua'"),
        ({"contexts": "x"}, "the context 'a' is not present"),
    ],
)
def test_a_kubeconfig_with_gaps_says_what_is_missing(change: Document, words: str, folder: Path) -> None:
    with pytest.raises(RokError) as caught:
        reduce_kubeconfig({**two_contexts(), **change}, None, folder)
    assert words in caught.value.what
    assert caught.value.code is ExitCode.REFUSED


def test_a_file_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(RokError, match=r"Cannot read pki/ca\.crt"):
        reduce_kubeconfig(two_contexts(), None, tmp_path)
