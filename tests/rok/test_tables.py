"""Tables fit the terminal and are plain where nobody looks at colours."""

from __future__ import annotations

import pytest

from rok.plain import plain
from rok.tables import Column, horizontal, vertical

COLUMNS = [
    Column("name", firm=True),
    Column("labels"),
    Column("created", dates=True),
    Column("state", firm=True),
]
ROW = ["echo-demo", "location: DE", "2026-11-24 11:33:25", "RUNNING"]


def drawn(width: int, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("COLUMNS", str(width))
    table = horizontal(COLUMNS, [ROW])
    assert max(map(len, table.splitlines())) <= width
    return table


def test_a_list_has_one_object_a_row(monkeypatch: pytest.MonkeyPatch) -> None:
    assert drawn(80, monkeypatch).splitlines() == [
        "+-----------+--------------+---------------------+---------+",
        "| name      | labels       | created             | state   |",
        "+===========+==============+=====================+=========+",
        "| echo-demo | location: DE | 2026-11-24 11:33:25 | RUNNING |",
        "+-----------+--------------+---------------------+---------+",
    ]


def test_a_narrow_list_breaks_dates_first(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "| 2026-11-24 | RUNNING |\n" in drawn(55, monkeypatch)


def test_a_narrower_list_gives_up_blanks_next(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "|echo-demo|location: DE|2026-11-24|RUNNING|" in drawn(45, monkeypatch)


def test_the_narrowest_list_wraps_what_may_wrap(monkeypatch: pytest.MonkeyPatch) -> None:
    table = drawn(38, monkeypatch)
    assert "|echo-demo|" in table
    assert "|RUNNING|" in table


def test_without_a_terminal_a_wide_list_is_as_wide_as_it_has_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    assert "| echo-demo | location: DE | 2026-11-24 11:33:25 | RUNNING |" in horizontal(
        COLUMNS, [ROW], wide=True
    )


def test_one_object_has_one_attribute_a_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    assert vertical([("name", "shop"), ("message", "a sentence that is too long")]).splitlines() == [
        "+---------+------------------+",
        "| name    | shop             |",
        "| message | a sentence that  |",
        "|         | is too long      |",
        "+---------+------------------+",
    ]


def test_brackets_in_values_are_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    assert "[red]x[/red] :smile:" in vertical([("message", "[red]x[/red] :smile:")])


def test_what_others_wrote_does_not_steer_the_terminal() -> None:
    steering = "ok\x1b[2J\x9b31m\u202e\x07\r"
    shown = vertical([("message", steering)])
    assert "ok\\x1b[2J\\x9b31m\\u202e\\x07\\x0d" in shown
    assert plain("two\nlines of größe") == "two\nlines of größe"
