"""Sending files from one container into another, without holding them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from activities.kubernetes.volumes.comparing import batches
from activities.kubernetes.volumes.listing import EntryKind, Listing
from activities.kubernetes.volumes.place import Place
from activities.kubernetes.volumes.progress import CopyProgress
from activities.kubernetes.volumes.remote import RemoteCommand
from activities.kubernetes.volumes.scripts import PACK, UNPACK


async def send(
    source: Place, target: Place, names: Sequence[bytes], listing: Listing, gnu: bool, progress: CopyProgress
) -> None:
    """Pack names at the source and unpack them at the target, one stream for each batch of names.

    What the source changes meanwhile makes tar complain; the next pass finds what came of it.

    Args:
        source: where from.
        target: where to.
        names: files, links and folders, in this order.
        listing: what they are at the source.
        gnu: whether the source's tar is GNU's.
        progress: told of every byte.

    Raises:
        ClusterError: a connection broke.
        ApplicationError: the target has no space left, or one side may not read or write.
    """
    for batch in batches(names):
        progress.expect(sum(listing[name].size for name in batch))
        listed = b"".join(name + b"\0" for name in batch)
        async with source.command(PACK[gnu], str(len(listed))) as pack, target.command(UNPACK) as unpack:
            await pack.write(listed)
            await _pipe(pack, unpack, progress)
        target.judge(unpack.outcome, lenient=True)
        if pack.ended:
            source.judge(pack.outcome, lenient=True)
        await progress.sent(sum(listing[name].kind is EntryKind.FILE for name in batch))


async def _pipe(pack: RemoteCommand, unpack: RemoteCommand, progress: CopyProgress) -> None:
    """Pass the stream on; ends early where the target fails, for it then has a reason that it tells."""
    receiving = asyncio.create_task(unpack.read())
    sending = asyncio.create_task(_forward(pack, unpack, progress))
    try:
        await asyncio.wait({receiving, sending}, return_when=asyncio.FIRST_COMPLETED)
        if receiving.done():
            await receiving
            if unpack.outcome.code != 0:
                return
        await sending
        await receiving
    finally:
        for task in (receiving, sending):
            task.cancel()
        await asyncio.gather(receiving, sending, return_exceptions=True)


async def _forward(pack: RemoteCommand, unpack: RemoteCommand, progress: CopyProgress) -> None:
    async for chunk in pack.output():
        await unpack.write(chunk)
        await progress.moved(len(chunk))
    await unpack.end_input()
