"""Options that take several words, as the original CLI has them: `-i A=1 B=2`, `--allowed-values 1 2`."""

from __future__ import annotations

import re
from collections.abc import Sequence


def spread(words: Sequence[str], names: Sequence[str], fitting: re.Pattern[str]) -> list[str]:
    """The command line with the option repeated before each fitting word that follows its first value.

    Args:
        words: the command line.
        names: the spellings of the option.
        fitting: what a further value looks like; the first word that does not fit ends them.
    """
    rest, spread_out = list(words), []
    while rest:
        word = rest.pop(0)
        spread_out.append(word)
        if word == "--":
            return spread_out + rest
        if word in names and rest:
            spread_out.append(rest.pop(0))
            while rest and fitting.fullmatch(rest[0]):
                spread_out += [word, rest.pop(0)]
    return spread_out
