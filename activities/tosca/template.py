"""The TOSCA parser at work on a template without imports, and its complaints in words for people."""

from __future__ import annotations

import logging
from typing import Any

from toscaparser.common.exception import ExceptionCollector, TOSCAException, ValidationError
from toscaparser.tosca_template import ToscaTemplate

from activities.tosca.problems import ToscaError, in_words

Document = dict[str, Any]

_MOST_COMPLAINTS = 5

logging.getLogger("tosca").setLevel(logging.CRITICAL)


def parse(template: Document, values: Document) -> Any:
    """The template as the TOSCA parser understands it, its inputs checked against their constraints.

    Raises:
        ToscaError: it is not valid.
    """
    try:
        parsed = ToscaTemplate(yaml_dict_tpl=template, parsed_params=values)
        _check_constraints(parsed.inputs, values)
    except ValidationError as error:
        raise ToscaError(_complaints(error)) from None
    except RecursionError:
        raise ToscaError("The functions of the template refer to each other in a circle") from None
    except (MemoryError, ToscaError):
        raise
    except Exception as error:
        # The parser takes much for granted: any kind of error means that something is not as TOSCA has it.
        words = f"{type(error).__name__}: {in_words(error)}"
        raise ToscaError(f"The template cannot be understood: {words}") from None
    return parsed


def _check_constraints(inputs: list[Any], values: Document) -> None:
    for declared in inputs:
        if declared.name not in values:
            continue
        for constraint in declared.constraints:
            try:
                constraint.validate(values[declared.name])
            except TOSCAException:
                key = constraint.constraint_key
                raise ToscaError(f'Input "{declared.name}" does not meet its constraint {key}') from None


def _complaints(error: ValidationError) -> str:
    """What the parser collected, without the tracebacks that it puts into its message."""
    found = list(dict.fromkeys(in_words(item) for item in ExceptionCollector.getExceptions()))
    if not found:
        return in_words(error)
    more = f"; and {len(found) - _MOST_COMPLAINTS} more" if len(found) > _MOST_COMPLAINTS else ""
    return "; ".join(found[:_MOST_COMPLAINTS]) + more
