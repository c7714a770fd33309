"""Documents that are nearly right: examples with something else in one to three places."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from hypothesis import strategies as st

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(max_size=12)
    | st.sampled_from(["<redacted>", "location is DE", "http://a.b/c.csar", "v1", "2026-01-01T00:00:00Z"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
"""Any JSON value."""


def _places(document: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    keys: Any = ()
    if isinstance(document, dict):
        keys = list(document)
    elif isinstance(document, list):
        keys = range(len(document))
    return [path, *(place for key in keys for place in _places(document[key], (*path, key)))]


@st.composite
def mutants(draw: st.DrawFn, document: dict[str, Any]) -> dict[str, Any]:
    """The document with one to three places changed or left out."""
    mutant = deepcopy(document)
    for _ in range(draw(st.integers(1, 3))):
        places = _places(mutant)[1:]
        if not places:
            break
        *path, last = draw(st.sampled_from(places))
        part: Any = mutant
        for key in path:
            part = part[key]
        if isinstance(part, dict) and draw(st.booleans()):
            del part[last]
        else:
            part[last] = draw(JSON)
    return mutant
