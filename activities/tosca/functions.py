"""Carrying out the functions of a template: get_property, get_input and concat, within each other."""

from __future__ import annotations

import json
import re
from typing import Any

from toscaparser.common.exception import TOSCAException
from toscaparser.functions import Concat, Function, GetInput, GetProperty, get_function

from activities.tosca.problems import ToscaError, in_words
from activities.tosca.shape import unsupported

Document = dict[str, Any]

_BARE_KEY = re.compile(r"[ \t]*(?:- +)*[\w./-]+:", re.ASCII)
"""A line that is a key without its value so far."""


class Evaluator:
    """Turns property values into texts. What it writes is bounded: functions can multiply, as aliases can."""

    def __init__(self, topology: Any, values: Document, limit: int) -> None:
        self._topology = topology
        self._values = values
        self._limit = limit
        self._left = limit

    def text(self, value: Any, node: Any) -> str:
        """The text that a value of a node's property stands for.

        Raises:
            ToscaError: a function is not supported or leads nowhere, or the text is too long.
        """
        self._spend(1)
        try:
            found = get_function(self._topology, node, value)
            return self._call(found) if isinstance(found, Function) else self._plain(found)
        except RecursionError:
            raise ToscaError(f"{_title(node)}: functions refer to each other in a circle") from None
        except (TOSCAException, LookupError, TypeError, ValueError, AttributeError) as error:
            raise ToscaError(f"{_title(node)}: {in_words(error)}") from None

    def _call(self, function: Any) -> str:
        match function:
            case Concat():
                return self._concat(function)
            case GetInput():
                return self._plain(self._input(function))
            case GetProperty():
                return self.text(function.result(), function.context)
            case _:
                raise unsupported(function.name, _title(function.context))

    def _concat(self, function: Any) -> str:
        """The pieces one after the other.

        An input right after a bare key (`containerPort:`) is its value, which YAML wants a blank before.
        Templates for the original Krake rely on that: it put a blank before every input.
        """
        text = ""
        for piece in function.args:
            called = get_function(self._topology, function.context, piece)
            added = self.text(called, function.context)
            line = text[text.rfind("\n") + 1 :]
            if isinstance(called, GetInput) and _BARE_KEY.fullmatch(line):
                added = f" {added}"
            text += added
        return text

    def _input(self, function: Any) -> Any:
        name = function.input_name
        if name not in self._values:
            raise ToscaError(f'Input "{name}" is used and has no value: give it one, or a default')
        return self._values[name]

    def _plain(self, value: Any) -> str:
        """A value as YAML has it: texts as they are, everything else in JSON's notation."""
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        self._spend(len(text))
        return text

    def _spend(self, amount: int) -> None:
        self._left -= amount
        if self._left < 0:
            raise ToscaError(f"The template stands for a manifest of more than {self._limit} bytes")


def _title(node: Any) -> str:
    return f'Node template "{node.name}"'
