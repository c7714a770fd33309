"""Files that share an expensive server share a process; slow ones begin early."""

from __future__ import annotations

from tests.support.groups import groups_of, rank


def test_files_are_groups_and_those_with_an_expensive_fixture_share_one() -> None:
    found = groups_of(
        [
            ("tests/test_a.py", ("tmp_path",)),
            ("tests/test_b.py", ("tmp_path",)),
            ("tests/test_b.py", ("name", "openstack")),
            ("tests/test_b.py", ()),
            ("tests/test_c.py", ("magnum", "openstack")),
            ("tests/test_d.py", ("infrastructure_manager",)),
        ]
    )
    assert found == {
        "tests/test_a.py": "tests/test_a.py",
        "tests/test_b.py": "openstack",
        "tests/test_c.py": "openstack",
        "tests/test_d.py": "infrastructure_manager",
    }


def test_slow_folders_come_first() -> None:
    files = [
        "tests/api/test_a.py",
        "tests/e2e/test_b.py",
        "tests/rok/test_c.py",
        "tests/examples/test_demo.py",
    ]
    assert sorted(files, key=rank) == [files[3], files[1], files[0], files[2]]
