"""`krake config generate`: files with settings that Krake and `rok` read."""

from __future__ import annotations

from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

import pytest
import yaml

from krake.cli import run
from krake.setting_flags import flags
from krake.settings import Settings, load_settings
from rok.config import load_config


def krake(*arguments: str) -> tuple[int, str, str]:
    """Run one command line: its exit code, and what it wrote."""
    with redirect_stdout(StringIO()) as out, redirect_stderr(StringIO()) as err:
        code = run(["config", "generate", *arguments])
    return code, out.getvalue(), err.getvalue()


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("KRAKE_CONFIG", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_file_has_every_setting_and_sets_the_given_ones(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KRAKE_STICKINESS", "0.9")
    code, out, _ = krake(
        "--api-port", "9000", "--tosca-allow-internal-urls", "--external-endpoint", "http://k:1"
    )
    assert (code, out) == (0, "Generated file: krake.yaml\n")
    text = (folder / "krake.yaml").read_text()
    assert yaml.safe_load(text) == {
        "api_port": 9000,
        "tosca_allow_internal_urls": True,
        "hook_external_endpoint": "http://k:1",
    }
    for name in Settings.model_fields:
        assert f"\n#{name}:" in text or f"\n{name}:" in text
    monkeypatch.delenv("KRAKE_STICKINESS")
    monkeypatch.setenv("KRAKE_CONFIG", "krake.yaml")
    assert load_settings().api_port == 9000


def test_the_defaults_in_the_file_are_the_defaults(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever takes away every `#` changes nothing."""
    krake("--dst", ".")
    lines = (folder / "krake.yaml").read_text().splitlines()
    uncommented = [line[1:] if line.startswith("#") and not line.startswith("# ") else line for line in lines]
    given = yaml.safe_load("\n".join(uncommented))
    assert set(given) == set(Settings.model_fields)
    given.pop("state_dir")
    (folder / "all.yaml").write_text(yaml.safe_dump({key: value for key, value in given.items() if value}))
    plain = load_settings()
    monkeypatch.setenv("KRAKE_CONFIG", "all.yaml")
    assert load_settings() == plain


def test_flags_of_the_former_generator(folder: Path) -> None:
    given = ("--poll-interval", "3", "--logging-level", "DEBUG", "--worker-count", "7")
    former = ("--docs-problem-base-url", "http://d", "--complete-hook-env-token", "TOKEN")
    code, out, err = krake("--dst", "-", *given, *former)
    assert code == 0, err
    assert yaml.safe_load(out) == {
        "observe_interval": 3.0,
        "log_level": "DEBUG",
        "worker_max_activities": 7,
        "problem_base_url": "http://d",
        "complete_hook_env_token": "TOKEN",
    }
    code, out, err = krake(
        "--dst", "-", "--authorization-mode", "RBAC", "--debounce", "1.0", "--reschedule-after", "5"
    )
    assert yaml.safe_load(out) == {
        "authorization": "rbac",
        "rebalance_debounce": 1.0,
        "reschedule_after": 5.0,
    }, err
    code, _, err = krake("--etcd-host", "127.0.0.1")
    assert code == 2
    assert "--etcd-host has no meaning any more: resources are kept in SQLite or PostgreSQL" in err
    assert "--tls-enabled has no meaning any more" in krake("--tls-enabled")[2]
    assert not (folder / "krake.yaml").exists()


def test_values_that_do_not_fit_name_their_flags(folder: Path) -> None:
    code, _, err = krake("--api-port", "eighty", "--log-level", "LOUD")
    assert code == 1
    assert "--api-port: " in err
    assert "--log-level: " in err
    assert not (folder / "krake.yaml").exists()


def test_files_are_replaced_on_request_only(folder: Path) -> None:
    assert krake("krake", "rok", "--dst", "made")[0] == 0
    code, _, err = krake("krake", "--dst", "made")
    assert (code, "Replace it with --force" in err) == (1, True)
    assert krake("krake", "--dst", "made", "--force", "--api-port", "1")[0] == 0
    assert yaml.safe_load((folder / "made" / "krake.yaml").read_text()) == {"api_port": 1}


def test_rok_reads_the_file_for_users(folder: Path) -> None:
    assert (
        krake("rok", "--api-host", "krake.example.org", "--api-port", "9000", "--static-user", "me")[0] == 0
    )
    found = load_config("rok.yaml", {})
    assert (found.api_url, found.user) == ("http://krake.example.org:9000", "me")


def test_secrets_have_no_flag() -> None:
    assert flags("secret_keys") == ()
    assert krake("--secret-keys", "x")[0] == 2
