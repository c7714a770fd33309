"""`krake db`."""

from __future__ import annotations

import click


@click.group()
def db() -> None:
    """Look after the store's tables (SQLite or PostgreSQL, setting database_url).

    \b
      krake db upgrade      before starting a newer release
      krake db check        exit code 1 unless the tables are those of this release
    """


@db.command()
def upgrade() -> None:
    """Bring the tables to this release's version; repeating it changes nothing."""
    from krake.settings import load_settings
    from krake.store import migrate

    settings = load_settings()
    if not settings.database_url:
        settings.state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    before = migrate.current(settings.store_url)
    after = migrate.upgrade(settings.store_url)
    click.echo(f"{after} (nothing to do)" if before == after else f"{before or 'empty'} -> {after}")


@db.command()
def check() -> None:
    """Tell whether the tables are those of this release."""
    from krake.settings import load_settings
    from krake.store import migrate

    url = load_settings().store_url
    migrate.check(url)
    click.echo(f"{migrate.current(url)}: up to date")


@db.command()
def current() -> None:
    """Show the version of the tables."""
    from krake.settings import load_settings
    from krake.store import migrate

    click.echo(migrate.current(load_settings().store_url) or "no tables")
