"""The graph of owners as the store has it."""

from __future__ import annotations

from krake.ownership import Node, blockers, descendants, node_of
from krake.store.reads import Reads
from krake.store.records import Record


def node(record: Record) -> Node:
    """The resource in the graph of owners."""
    return Node(record.kind, record.namespace, record.name)


class Graph:
    """The resources that name owners, and who these are."""

    def __init__(self, records: list[Record]) -> None:
        self._records = {node(record): record for record in records}
        self._owners = {key: frozenset(map(node_of, record.owners)) for key, record in self._records.items()}

    @classmethod
    async def read(cls, store: Reads) -> Graph:
        """The graph as it is now."""
        return cls(await store.owned())

    def blockers(self, record: Record) -> list[Record]:
        """What has to be gone before this resource may go."""
        return [self._records[key] for key in blockers(self._owners, node(record))]

    def going_with(self, record: Record) -> list[Record]:
        """Everything that goes when this resource goes, without itself, in a stable order."""
        found = descendants(self._owners, [node(record)]) - {node(record)}
        return [self._records[key] for key in sorted(found)]
