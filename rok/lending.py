"""`rok auth temporal-ui`: a link that lends one's right to decrypt to a browser."""

from __future__ import annotations

from urllib.parse import urlsplit

import click

from rok.output import as_text
from rok.session import Session

_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def show_link(session: Session, opening: bool) -> None:
    """Ask for a ticket, and print or open the link with it."""
    answer = session.connect().post("/temporal/codec/ticket", {})
    url = _on_host_of(answer["ui"], session.config.api_url) + answer["path"]
    if opening:
        click.launch(url)
    if not session.for_people:
        click.echo(as_text({**answer, "url": url}, session.output))
        return
    click.echo(url)
    click.echo(
        f"Open it in your browser within {answer['seconds']} seconds; it says what to do next.", err=True
    )


def _on_host_of(ui: str, api_url: str) -> str:
    """The API's address under the name of this machine that the UI has: for browsers, `localhost` and
    `127.0.0.1` are two sites, and a cookie of one is not sent from pages of the other."""
    parts, host = urlsplit(api_url), urlsplit(ui).hostname
    if parts.hostname not in _LOOPBACK or host not in _LOOPBACK:
        return api_url
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{port}"
