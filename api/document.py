"""`python -m api.document`: the OpenAPI document as it is served, for `docs/reference/openapi.json`."""

from __future__ import annotations

import asyncio
from typing import Any

import click
import orjson

from api.app import create_app
from krake.leaving import leave
from krake.secrets import Cipher, new_key
from krake.settings import Settings
from krake.store.store import Store
from krake.temporal import connect


async def served_document() -> dict[str, Any]:
    """The OpenAPI document; neither the store nor Temporal is asked for it."""
    settings = Settings()
    async with Store.open(settings.store_url, Cipher.from_keys([new_key()])) as store:
        return create_app(settings, store, await connect(settings, lazy=True)).openapi()


def as_text(document: dict[str, Any]) -> str:
    """The document in a form in which a difference shows what has changed."""
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS).decode() + "\n"


def main() -> None:
    """Print the document."""
    click.echo(as_text(asyncio.run(served_document())), nl=False)
    leave(0)


if __name__ == "__main__":
    main()
