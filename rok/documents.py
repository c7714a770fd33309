"""Reading YAML and JSON files that users give, with errors that point at the line."""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from rok.errors import ExitCode, RokError


def read_text(source: str) -> str:
    """The text of a file, or of standard input for `-`.

    Raises:
        RokError: there is no such file, or it is no text.
    """
    try:
        if source == "-":
            content: bytes = sys.stdin.buffer.read()
            return content.decode("utf-8")
        return Path(source).read_text(encoding="utf-8")
    except OSError as error:
        raise RokError(
            f"Cannot read {source}", code=ExitCode.USAGE, why=str(error.strerror), fix="Check the path"
        ) from None
    except UnicodeDecodeError:
        raise RokError(
            f"{title_of(source)} is not a text file",
            code=ExitCode.REFUSED,
            why="YAML and JSON are UTF-8 text",
        ) from None


def title_of(source: str) -> str:
    """What the source is called in messages."""
    return "standard input" if source == "-" else source


def folder_of(source: str) -> Path:
    """The folder that relative paths inside the file start from."""
    return Path() if source == "-" else Path(source).absolute().parent


def read_documents(source: str) -> list[Any]:
    """All documents of a YAML or JSON file (`-`: standard input), empty ones left out.

    Raises:
        RokError: the file cannot be read or is not valid; says in which line.
    """
    text = read_text(source)
    if text.lstrip()[:1] in ("{", "["):
        # Flow-style YAML also starts like this, so what is no JSON goes on to the parser that names the line.
        with suppress(ValueError):
            return [json.loads(text)]
    return [document for document in _load_yaml(title_of(source), text) if document is not None]


def _load_yaml(source: str, text: str) -> list[Any]:
    import yaml

    from krake.yamlloader import KubernetesLoader

    try:
        return list(yaml.load_all(text, Loader=KubernetesLoader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"{source}, line {mark.line + 1}, column {mark.column + 1}" if mark else source
        line = text.splitlines()[mark.line].strip() if mark and mark.line < len(text.splitlines()) else ""
        raise _syntax(place, f"{error.problem or error.context}{f': {line[:70]}' if line else ''}") from None
    except (yaml.YAMLError, ValueError) as error:
        raise _syntax(source, " ".join(str(error).split())) from None


def _syntax(place: str, why: str) -> RokError:
    return RokError(
        f"{place}: not valid YAML or JSON",
        code=ExitCode.REFUSED,
        why=why,
        fix="Correct the line and try again",
    )
