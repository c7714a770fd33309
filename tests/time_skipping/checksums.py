"""Compare the jars of the test server with those that are meant: jgo verifies none of the checksums it locks.

Run by make in the environment of the server: `python checksums.py --check FOLDER`; without `--check` it
prints the lines of `jars.sha256`.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

LIST = Path(__file__).with_name("jars.sha256")


def checksums(folder: Path) -> list[str]:
    """A line for each jar in the folder and below, as `sha256sum` writes it."""
    jars = sorted(folder.rglob("*.jar"), key=lambda jar: jar.name)
    return [f"{hashlib.sha256(jar.read_bytes()).hexdigest()}  {jar.name}" for jar in jars]


def differences(found: list[str], meant: list[str]) -> list[str]:
    """The lines that only one of the lists has, or has twice."""
    there, wanted = set(found), set(meant)
    missing = [f"missing: {line}" for line in meant if line not in there]
    return missing + [f"not meant: {line}" for line in found if line not in wanted or found.count(line) > 1]


def main(check: bool, folder: Path) -> int:
    """Print the lines, or compare them with the list."""
    found = checksums(folder)
    if not check:
        sys.stdout.write("".join(f"{line}\n" for line in found))
        return 0
    meant = [line for line in LIST.read_text().splitlines() if not line.startswith("#")]
    wrong = differences(found, meant)
    if wrong:
        why = f"what was fetched is not what {LIST.name} lists"
        fix = f"Try again; after a change of jgo.toml make {LIST.name} anew, as its head says"
        sys.stderr.write("\n".join([f"The jars in {folder} are not used", why, *wrong, fix, ""]))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] == "--check", Path(sys.argv[-1])))
