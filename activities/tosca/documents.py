"""Reading YAML that somebody else wrote: bounded, and in the dialect of Kubernetes."""

from __future__ import annotations

import json
from typing import Any

import yaml

from activities.tosca.problems import ToscaError

_TIMESTAMP = "tag:yaml.org,2002:timestamp"
_DEEPEST = 200


class _Loader(yaml.CSafeLoader):
    """Loads plain data; `2026-01-01` stays a text, as it is for Kubernetes."""


_Loader.yaml_implicit_resolvers = {
    letter: [(tag, pattern) for tag, pattern in resolvers if tag != _TIMESTAMP]
    for letter, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def load_yaml(content: bytes | str, title: str, limit: int) -> Any:
    """The one document in the content.

    Args:
        content: the YAML text.
        title: what the document is called in messages.
        limit: most bytes of the text, and of what it amounts to with its aliases written out.

    Raises:
        ToscaError: it is too large, not valid, nested too deeply, or holds what JSON has no notion of.
    """
    text = _decoded(content, title, limit)
    try:
        _check_depth(text, title)
        loader = _Loader(text)
        try:
            node = loader.get_single_node()
            if node is None:
                return None
            _Measure(title, limit).of(node)
            found = loader.construct_document(node)
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        raise ToscaError(f"{title} is not valid YAML: {_place(error)}") from None
    except (yaml.YAMLError, ValueError, TypeError) as error:
        raise ToscaError(f"{title} is not valid YAML: {' '.join(str(error).split())}") from None
    _check_plain(found, title)
    return found


def _decoded(content: bytes | str, title: str, limit: int) -> str:
    if len(content) > limit:
        raise ToscaError(f"{title} is larger than {limit} bytes")
    if isinstance(content, str):
        return content
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ToscaError(f"{title} is not a text in UTF-8") from None


def _check_depth(text: str, title: str) -> None:
    """Look at the depth before anything is built: building recurses, which too deep ends the process."""
    loader = _Loader(text)
    depth = 0
    while not isinstance(event := loader.get_event(), yaml.StreamEndEvent):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > _DEEPEST:
            raise ToscaError(f"{title} is nested too deeply")


def _place(error: yaml.MarkedYAMLError) -> str:
    mark = error.problem_mark or error.context_mark
    where = f" in line {mark.line + 1}, column {mark.column + 1}" if mark else ""
    if error.context and error.context.startswith("expected a single document"):
        return f"{error.context}, {error.problem}{where}"
    return f"{error.problem or error.context}{where}"


class _Measure:
    """Adds up what a document amounts to with every alias written out: few lines can stand for gigabytes."""

    def __init__(self, title: str, limit: int) -> None:
        self._title = title
        self._limit = limit
        self._known: dict[int, int] = {}
        self._open: set[int] = set()

    def of(self, node: yaml.Node) -> int:
        """The size of a node with all below it; raises when it is more than the limit."""
        key = id(node)
        if key in self._known:
            return self._known[key]
        if key in self._open:
            raise ToscaError(f"{self._title} holds an alias to something that the alias is a part of")
        self._open.add(key)
        size = 1 if not isinstance(node, yaml.ScalarNode) else len(node.value)
        for child in _children(node):
            size += self.of(child)
            if size > self._limit:
                raise ToscaError(f"{self._title}, aliases written out, is larger than {self._limit} bytes")
        self._open.discard(key)
        self._known[key] = size
        return size


def _children(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return [part for pair in node.value for part in pair]
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []


def _check_plain(found: Any, title: str) -> None:
    try:
        json.dumps(found, allow_nan=False, ensure_ascii=False).encode()
    except RecursionError:
        raise ToscaError(f"{title} is nested too deeply") from None
    except (TypeError, ValueError) as error:
        reason = "half a character" if isinstance(error, UnicodeEncodeError) else str(error)
        raise ToscaError(f"{title} holds a value that Kubernetes has no notion of: {reason}") from None
