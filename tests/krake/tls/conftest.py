"""A CA with a server's and a caller's certificate, made once."""

from __future__ import annotations

from pathlib import Path

import pytest

from krake.tls.authority import Authority


@pytest.fixture(scope="session")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with `ca`, `api` and `alice`, and with another CA in `foreign`."""
    folder = tmp_path_factory.mktemp("pki")
    authority = Authority.create(folder, "tests", 30)
    authority.issue_server("api", ["localhost", "127.0.0.1"], 30)
    authority.issue_client("alice", ["developers", "night shift"], 30)
    Authority.create(folder / "foreign", "foreign", 30)
    return folder
