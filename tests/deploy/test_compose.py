"""The compose file, as far as it can be proven without a container engine."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from krake.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = ROOT / "docker-compose.yml"
ONE_SHOT = {"temporal-schema", "bootstrap"}
SERVICES: dict[str, Any] = yaml.safe_load(COMPOSE.read_text())["services"]
VARIABLES = {f"KRAKE_{name.upper()}" for name in Settings.model_fields}


def test_it_fits_the_compose_schema() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(COMPOSE)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_it_has_every_part_of_a_distributed_krake() -> None:
    parts = {"postgresql", "temporal-schema", "temporal", "temporal-ui", "bootstrap", "api", "worker"}
    assert set(SERVICES) == parts | {"prometheus"}
    assert SERVICES["worker"]["deploy"]["replicas"] == 2


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_a_service_has_a_health_check_or_ends_by_itself(name: str) -> None:
    assert ("healthcheck" in SERVICES[name]) != (name in ONE_SHOT)


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_images_are_pinned_to_a_version(name: str) -> None:
    image = re.sub(r"\$\{\w+:-(.*)\}", r"\1", SERVICES[name]["image"])
    assert re.fullmatch(r"[\w/-]+:v?\d+\.\d+[\w.-]*", image), image


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_a_service_waits_for_conditions_that_can_come_true(name: str) -> None:
    for other, wait in SERVICES[name].get("depends_on", {}).items():
        expected = "service_completed_successfully" if other in ONE_SHOT else "service_healthy"
        assert wait["condition"] == expected, f"{name} waits for {other}"


@pytest.mark.parametrize(
    "file", [COMPOSE, ROOT / ".env.example", ROOT / "Dockerfile"], ids=lambda path: path.name
)
def test_every_krake_variable_is_a_setting(file: Path) -> None:
    assert set(re.findall(r"KRAKE_[A-Z_]+", file.read_text())) <= VARIABLES


def test_every_variable_is_explained_in_the_example() -> None:
    used = set(re.findall(r"\$\{(\w+)", COMPOSE.read_text()))
    assert used == set(re.findall(r"^#?(\w+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))


def test_secrets_have_no_default() -> None:
    text = COMPOSE.read_text()
    secret = {name for name in re.findall(r"\$\{(\w+)", text) if "PASSWORD" in name or "KEYS" in name}
    assert secret == {"POSTGRES_PASSWORD", "TEMPORAL_PASSWORD", "DATABASE_PASSWORD", "KRAKE_SECRET_KEYS"}
    for name in secret:
        assert set(re.findall(rf"\$\{{{name}(:.)", text)) == {":?"}, f"{name} must be required"
        assert f"\n{name}=\n" in (ROOT / ".env.example").read_text()


@pytest.mark.parametrize("name", ["bootstrap", "api", "worker"])
def test_the_settings_are_accepted(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    key = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
    given = {"DATABASE_PASSWORD": "secret", "KRAKE_SECRET_KEYS": json.dumps([key])}
    for variable, value in SERVICES[name]["environment"].items():
        monkeypatch.setenv(
            variable, re.sub(r"\$\{(\w+):(.)([^}]*)\}", lambda m: given.get(m[1], m[3]), value)
        )
    settings = Settings()
    assert settings.database_url == "postgresql+asyncpg://krake:secret@postgresql:5432/krake"
    assert [item.get_secret_value() for item in settings.secret_keys] == [key]
    assert settings.temporal_address == "temporal:7233"


def test_prometheus_scrapes_every_process_where_it_serves() -> None:
    jobs = yaml.safe_load((ROOT / "deploy" / "prometheus.yml").read_text())["scrape_configs"]
    found = {(item["names"][0], item["port"]) for job in jobs for item in job.get("dns_sd_configs", [])}
    ports = {
        (name, int(value))
        for name in ("api", "worker")
        for variable, value in SERVICES[name]["environment"].items()
        if variable.endswith("_PORT")
    }
    assert found == ports


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_mounted_files_exist(name: str) -> None:
    for volume in SERVICES[name].get("volumes", []):
        source = volume.split(":")[0]
        assert not source.startswith("./") or (ROOT / source).is_file(), source
