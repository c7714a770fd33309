"""What installed packages add to Krake: found by their entry points, and named when they are broken."""

from __future__ import annotations

from pathlib import Path

import pytest

from krake.errors import KrakeError
from krake.plugins import plugins
from scheduler.scorers import ENTRY_POINTS, as_scorers

SCORER = """
class Even:
    name = "even"
    weight = 2.0

    def score(self, application, candidate):
        return 0.5
"""


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with an installed package that offers a scorer."""
    distribution = tmp_path / "krake_even-1.0.dist-info"
    distribution.mkdir()
    (distribution / "METADATA").write_text("Metadata-Version: 2.1\nName: krake-even\nVersion: 1.0\n")
    (distribution / "entry_points.txt").write_text(f"[{ENTRY_POINTS}]\neven = krake_even:Even\n")
    (tmp_path / "krake_even.py").write_text(SCORER)
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def test_an_installed_scorer_is_found(installed: Path) -> None:
    (scorer,) = as_scorers(plugins(ENTRY_POINTS))
    assert (scorer.name, scorer.weight) == ("even", 2.0)


def test_a_package_that_cannot_be_loaded_is_named(installed: Path) -> None:
    (installed / "krake_even-1.0.dist-info" / "entry_points.txt").write_text(
        f"[{ENTRY_POINTS}]\nodd = krake_missing:Odd\n"
    )
    with pytest.raises(KrakeError, match=r"entry point odd of krake\.scorers cannot be loaded") as raised:
        plugins(ENTRY_POINTS)
    assert "krake_missing" in raised.value.why
    assert raised.value.fix


def test_without_any_there_is_nothing() -> None:
    assert plugins("krake.nothing") == {}
