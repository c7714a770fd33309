"""Has services on SQLite wait for each other instead of failing: to be imported before they open it.

SQLite refuses at once what would deadlock: two transactions that have read and now want to write. When each
takes the lock at its begin, the second one waits, for as long as the `timeout` in the database's address says.
"""

from __future__ import annotations

from sqlalchemy import Connection, Engine, event


@event.listens_for(Engine, "begin")
def _take_the_lock(connection: Connection) -> None:
    """Begin before oslo.db does, with its mark that this is done."""
    connection.info["in_transaction"] = True
    connection.exec_driver_sql("BEGIN IMMEDIATE")
