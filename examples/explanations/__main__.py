"""`python -m examples.explanations > docs/reference/explanations.md`."""

from __future__ import annotations

import click

from examples.explanations.page import page

if __name__ == "__main__":
    click.echo(page(), nl=False)
