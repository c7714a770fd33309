"""The shell scripts that run in containers: POSIX sh, with tools as GNU and BusyBox have them.

Each is started as `sh -c SCRIPT krake ARGUMENTS`, the first of which is the mount path. Lists of names come
on the standard input, each ended by NUL; their length is an argument, because the input stays open as a
lifeline: container runtimes do not reliably end a command whose client is gone, but they close its input.
"""

from __future__ import annotations

JOURNAL = b"./.krake-copied"
"""In a volume at the target: which of its files Krake put there. Removed when the copy is complete."""

TOOLS = ("tar", "sha256sum", "find", "stat", "xargs", "head")

_GUARD = """\
"$@" & job=$!
(read -r _ <&3; kill "$job") >/dev/null 2>&1 & watch=$!
wait "$job"; code=$?
kill "$watch" 2>/dev/null
exit "$code"
"""
"""Runs a command, and ends it when descriptor 3, the connection to Krake, is closed."""


NO_FOLDER = 90
"""Exit code of a script whose mount path is not a folder."""

_ENTER = f'export LC_ALL=C\ncd -- "$1" || exit {NO_FOLDER}\n'


def _script(body: str) -> str:
    return f"{_ENTER}exec 3<&0\nguard='{_GUARD}'\n{body}"


def _on_names(command: str) -> str:
    """Run a command on the names that come on the input, all at once."""
    return _script(f'head -c "$2" | xargs -0 -s 100000 sh -c "$guard" guard {command}')


PROBE = f"""\
for tool in {" ".join(TOOLS)}; do command -v "$tool" >/dev/null || echo "$tool"; done
case "$(tar --version 2>/dev/null </dev/null)" in *GNU*) echo gnu;; esac
"""
"""Prints the tools that are missing, and `gnu` for GNU tar."""

_KEPT = r"-path ./lost+found -prune -o -path ./.krake-copied -prune -o"

LIST = _script(
    rf"""sh -c "$guard" guard find . {_KEPT} \( -type f -o -type d -o -type l \) """
    r"-exec stat -c '//%f %s %Y %n' {} +"
)
"""Prints each file, folder and link: no name contains `//`, so that each record can be told from the next."""

LINKS = _script(
    rf"""find . {_KEPT} -type l -exec sh -c """
    r"""'for link; do printf "%s\0" "$link"; readlink -n "$link"; printf "\0"; done' sh {} +"""
)
"""Prints each link and what it points to, each ended by NUL."""

CHECKSUMS = _on_names("sha256sum --")

PACK = {gnu: _on_names(f"tar -cf - {'--no-unquote ' * gnu}--no-recursion --") for gnu in (False, True)}
"""Prints an archive of the named files; GNU tar would take a backslash in a name for an escape."""

UNPACK = f"{_ENTER}exec tar -xpf -"

REMEMBER = f"{_ENTER}{{ cat >>{JOURNAL.decode()}; }} 2>/dev/null || cat >/dev/null"
"""Adds names to the journal. Without it only files that the source deletes meanwhile would be kept."""

RECALL = f"{_ENTER}cat {JOURNAL.decode()} 2>/dev/null || true"

FORGET = f"{_ENTER}rm -f {JOURNAL.decode()}"

REMOVE = _on_names("rm -f --")

REMOVE_FOLDERS = _on_names("rmdir --")
"""Folders in which somebody else has files stay."""
