"""Values for the inputs of a template: given ones before defaults, of the type that the template declares."""

from __future__ import annotations

from typing import Any

from activities.tosca.documents import load_yaml
from activities.tosca.problems import ToscaError

Document = dict[str, Any]

_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "float": (float, int),
    "boolean": (bool,),
    "list": (list,),
    "map": (dict,),
    "range": (list,),
}
_LONGEST = 64 * 1024


def values_of(declared: Document, given: Document) -> Document:
    """The value of every input that has one. No message shows a value: it may be a secret.

    Args:
        declared: the template's inputs by name.
        given: what the user gave by name; a text stands for a value of any type, as on a command line.

    Raises:
        ToscaError: an input is unknown, has no value although it needs one, or one of another type.
    """
    if unknown := sorted(given.keys() - declared.keys()):
        names = ", ".join(map(str, declared)) or "none"
        raise ToscaError(f'Unknown input "{unknown[0]}". The inputs of the template are: {names}')
    found: Document = {}
    for name, definition in declared.items():
        if name in given:
            found[name] = _typed(name, given[name], definition["type"])
        elif definition.get("default") is not None:
            found[name] = definition["default"]
        elif definition.get("required", True):
            raise ToscaError(
                f'Input "{name}" has no default and needs a value: give it in tosca_inputs, '
                f"or to rok with --tosca-input {name}=VALUE"
            )
    return found


def _typed(name: str, value: Any, wanted: str) -> Any:
    accepted = _TYPES.get(wanted)
    if accepted is None:
        return value
    if isinstance(value, str) and str not in accepted:
        try:
            value = load_yaml(value, f'Input "{name}"', _LONGEST)
        except ToscaError:
            raise _mismatch(name, wanted) from None
    if not isinstance(value, accepted) or (isinstance(value, bool) and bool not in accepted):
        raise _mismatch(name, wanted)
    return float(value) if wanted == "float" and isinstance(value, int) else value


def _mismatch(name: str, wanted: str) -> ToscaError:
    return ToscaError(f'Input "{name}" has to be of type {wanted}')
