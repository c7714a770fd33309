"""Drawing what was on a terminal as an SVG that needs nothing from elsewhere, fonts neither."""

from __future__ import annotations

import re
from io import StringIO

from rich.console import Console
from rich.text import Text

from examples.pictures.terminal import COLUMNS

_FORMAT = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" xml:space="preserve"
  xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{
  font-family: "DejaVu Sans Mono", Menlo, Consolas, monospace;
  font-size: {char_height}px; line-height: {line_height}px; font-variant-east-asian: full-width;
}}
.{unique_id}-title {{ font-size: 18px; font-weight: bold; font-family: arial, sans-serif; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""

_ASPECT_RATIO = 0.602
"""Width of a character by its height in the fonts that are named above."""
_LINE_CLIP = re.compile(r' clip-path="url\(#rok-line-\d+\)"')
"""Lines are cut for Rich's own font; in others underscores would lie outside."""


def picture(title: str, screens: list[tuple[str, str]]) -> str:
    """The SVG of a terminal with commands and what each showed."""
    console = Console(record=True, width=COLUMNS, file=StringIO(), force_terminal=True, highlight=False)
    for index, (command, output) in enumerate(screens):
        if index:
            console.print()
        console.print(Text.assemble(("$ ", "bold"), (command, "bold cyan")))
        console.print(Text.from_ansi(output.rstrip("\n")))
    # What hangs below the last line would be cut.
    console.print()
    drawn = console.export_svg(
        title=title, code_format=_FORMAT, unique_id="rok", font_aspect_ratio=_ASPECT_RATIO
    )
    drawn = _LINE_CLIP.sub("", drawn)
    return "\n".join(line.rstrip() for line in drawn.splitlines()) + "\n"
