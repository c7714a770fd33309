"""Files that share an expensive server share a process."""

from __future__ import annotations

from tests.support.groups import groups_of


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
