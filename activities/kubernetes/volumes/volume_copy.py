"""Making one volume at the target equal to the source's."""

from __future__ import annotations

import asyncio

from activities.failures import user_error
from activities.kubernetes.volumes.comparing import (
    Difference,
    compare,
    deepest_first,
    differs_in_marks,
    in_order,
)
from activities.kubernetes.volumes.listing import (
    EntryKind,
    Listing,
    marked,
    parse_checksums,
    parse_listing,
    readable,
    with_links,
)
from activities.kubernetes.volumes.place import Place
from activities.kubernetes.volumes.progress import CopyProgress
from activities.kubernetes.volumes.scripts import (
    CHECKSUMS,
    FORGET,
    LINKS,
    LIST,
    RECALL,
    REMEMBER,
    REMOVE,
    REMOVE_FOLDERS,
)
from activities.kubernetes.volumes.transfer import send
from krake.models.reasons import ReasonCode


class VolumeCopy:
    """Compares a volume on both clusters and sends what differs, as often as it is asked to.

    The source is only read. At the target nothing is removed but what Krake put there: the application there
    may have written files of its own since it started, and files that the source deletes between two passes
    have to go.

    Args:
        title: the volume, for people.
        source: where it is read.
        target: where it is written.
        progress: told of every step.
    """

    def __init__(self, title: str, source: Place, target: Place, progress: CopyProgress) -> None:
        self._title = title
        self._source = source
        self._target = target
        self._progress = progress
        self._insisted: set[bytes] = set()
        self._ours: set[bytes] = set()
        self._gnu: bool | None = None
        self.files = 0
        self.bytes = 0

    async def once(self) -> list[bytes]:
        """Make the target equal to what the source is now; returns what was different.

        Raises:
            ClusterError: a cluster did not answer or a connection broke.
            ApplicationError: somebody has to mend something first; says what.
        """
        if self._gnu is None:
            self._gnu, _ = await asyncio.gather(self._source.tools(), self._target.tools())
            self._ours = set((await self._target.run(RECALL)).split(b"\0")[:-1])
        await self._progress.begin(f"compares {self._title}")
        source, target = await asyncio.gather(self._list(self._source), self._list(self._target))
        found = compare(source, target)
        await self._check_content(found, source, target)
        removed = await self._remove(found)
        await self._send(found.send, source)
        self.files = sum(entry.kind is EntryKind.FILE for entry in source.values())
        self.bytes = sum(entry.size for entry in source.values())
        return found.send + removed

    async def finish(self) -> None:
        """Leave nothing behind at the target but the application's own files."""
        await self._target.run(FORGET)

    async def _list(self, place: Place) -> Listing:
        listing = parse_listing(await place.run(LIST))
        if any(entry.kind is EntryKind.LINK for entry in listing.values()):
            return with_links(listing, await place.run(LINKS))
        return listing

    async def _check_content(self, found: Difference, source: Listing, target: Listing) -> None:
        """Add files whose checksums differ, and, once, what differs in permissions or times alone.

        Only once, because a volume may not be able to keep them, and because some applications touch a file
        every second.
        """
        arguments = marked(found.check)
        ours, theirs = await asyncio.gather(
            self._source.run_on(CHECKSUMS, arguments), self._target.run_on(CHECKSUMS, arguments)
        )
        sums, others = parse_checksums(ours), parse_checksums(theirs)
        different = [name for name in found.check if name not in sums or sums[name] != others.get(name)]
        known = set(found.send) | set(different)
        changed = [
            name
            for name, entry in source.items()
            if name in target
            and name not in known
            and name not in self._insisted
            and differs_in_marks(entry, target[name])
        ]
        self._insisted.update(changed)
        found.send += different + changed

    async def _remove(self, found: Difference) -> list[bytes]:
        """Remove what Krake put there and the source has no more, or has as something else."""
        foreign = [name for name in found.replaced if name not in self._ours]
        if foreign:
            name = readable(foreign[0])
            message = f"cannot copy {self._title}: at the target, {name} was made as something else meanwhile"
            raise user_error(ReasonCode.MIGRATION_FAILED, message)
        surplus = deepest_first(name for name in found.surplus if name in self._ours)
        if surplus:
            await self._progress.begin(f"removes from the copy of {self._title} what the source has deleted")
            kinds = await self._list(self._target)
            folders = [name for name in surplus if name in kinds and kinds[name].kind is EntryKind.FOLDER]
            await self._target.run_on(REMOVE, [name for name in surplus if name not in set(folders)])
            await self._target.run_on(REMOVE_FOLDERS, folders, lenient=True)
            self._ours.difference_update(surplus)
        return surplus

    async def _send(self, names: list[bytes], source: Listing) -> None:
        if not names:
            return
        ordered = in_order(names, source)
        # Written down first: whatever dies meanwhile, the next worker knows what is Krake's.
        await self._target.run(REMEMBER, given=b"".join(name + b"\0" for name in names))
        self._ours.update(names)
        await self._progress.begin(f"copies {self._title}")
        await send(self._source, self._target, ordered, source, bool(self._gnu), self._progress)
