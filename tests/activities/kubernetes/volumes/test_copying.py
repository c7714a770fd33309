"""Copying volumes. Commands in Pods are faked (see `tests.support.exec_server`); all else is real."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import time
import tracemalloc
from pathlib import Path
from stat import S_ISREG

import pytest

from activities.kubernetes.errors import ClusterError
from activities.kubernetes.volumes.progress import ResumePoint
from krake.messages.moving import CopiedVolumes
from tests.activities.kubernetes.volumes.stage import IMAGE, POD, Stage, gone, tree
from tests.support.waiting import until

BUSYBOX = shutil.which("busybox")
TOOLS = ("sh", "tar", "sha256sum", "find", "stat", "xargs", "head", "cat", "readlink", "rm", "rmdir")


def awkward(folder: Path) -> None:
    """Files as people and programs make them."""
    (folder / "empty").mkdir()
    deep = folder / "a" / "b b" / "ç"
    deep.mkdir(parents=True)
    names = ["plain", "two words", "line\nbreak", "ends\n", "back\\nslash\\", "-rf", "'\"", "ünï ☃", "*?["]
    for number, name in enumerate(names):
        path = deep / name
        path.write_text(f"content {number}")
        os.utime(path, (1_600_000_000 + number, 1_600_000_000 + number))
        path.chmod(0o600 + number)
    Path(os.fsdecode(os.fsencode(folder) + b"/not \xff utf-8")).write_bytes(bytes(range(256)) * 1000)
    (folder / "nothing").touch()
    (folder / "script").write_text("#!/bin/sh\n")
    (folder / "script").chmod(0o4755)
    (folder / "to nowhere").symlink_to("it is\nnot there")
    (folder / "to a folder").symlink_to("a/b b")
    (folder / "a" / "locked").mkdir()
    (folder / "a" / "locked" / "inside").write_text("x")
    (folder / "a" / "locked").chmod(0o555)
    os.utime(folder / "a" / "locked", (1_500_000_000, 1_500_000_000))
    (folder / "lost+found").mkdir()


@pytest.mark.parametrize("tools", ["GNU", "BusyBox"])
async def test_everything_arrives_as_it_is(stage: Stage, tmp_path: Path, tools: str) -> None:
    if tools == "BusyBox":
        if BUSYBOX is None:
            pytest.skip("no busybox on this machine")
        for tool in TOOLS:
            (tmp_path / tool).symlink_to(BUSYBOX)
        stage.at_source.tools = stage.at_target.tools = str(tmp_path)
    awkward(stage.source)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(stage.source / "socket"))
    before = tree(stage.source)
    copied = await stage.copy()

    assert tree(stage.source) == before
    expected = {name: what for name, what in before.items() if name not in (b"socket", b"lost+found")}
    assert tree(stage.target) == expected
    files = [name for name, (mode, _, _) in expected.items() if S_ISREG(mode)]
    assert copied == CopiedVolumes(
        volumes=1, files=len(files), bytes=sum(len(expected[name][2]) for name in files), passes=2
    )
    await until("every command has ended", lambda: gone(stage.at_source, stage.at_target))


async def test_what_was_copied_is_an_event_and_the_message_is_cleared(stage: Stage) -> None:
    (stage.source / "file").write_bytes(b"x" * 2048)
    await stage.copy()
    events = [event.message for event in await stage.events() if event.type == "VolumesCopied"]
    assert events == ["1 volumes, 1 files, 2.0 KiB from de to it, equal after 2 passes"]
    assert await stage.message() == ""


async def test_copying_again_sends_nothing(stage: Stage) -> None:
    awkward(stage.source)
    await stage.copy()
    sent = stage.at_source.archived
    assert (await stage.copy()).passes == 1
    assert stage.at_source.archived == sent


async def test_only_what_krake_put_there_is_removed(stage: Stage) -> None:
    """The application at the target has been running already, and the source goes on meanwhile."""
    (stage.target / "own").write_text("written by the application at the target")
    (stage.target / "both").write_text("another")
    (stage.source / "both").write_text("content")
    for name in ("file", "folder/inside", "becomes a folder", "becomes a file/inside"):
        (stage.source / name).parent.mkdir(exist_ok=True)
        (stage.source / name).write_text("content")

    def change(script: str) -> None:
        """When the first archive is complete and the second pass begins."""
        if stage.at_source.archived and (stage.source / "file").exists() and "stat -c" in script:
            (stage.source / "file").unlink()
            shutil.rmtree(stage.source / "folder")
            shutil.rmtree(stage.source / "becomes a file")
            (stage.source / "becomes a file").write_text("content")
            (stage.source / "becomes a folder").unlink()
            (stage.source / "becomes a folder").mkdir()

    stage.at_source.faults.started = change
    await stage.copy()
    assert {name: what[2] for name, what in tree(stage.target).items()} == {
        b"own": b"written by the application at the target",
        b"both": b"content",
        b"becomes a file": b"content",
        b"becomes a folder": b"",
    }


async def test_another_worker_knows_what_the_first_one_put_there(stage: Stage) -> None:
    for name in ("stays", "goes"):
        (stage.source / name).write_bytes(os.urandom(300_000))
    stage.at_source.faults.cut_after = 400_000
    with pytest.raises(ClusterError):
        await stage.copy()
    assert "goes" in os.listdir(stage.target)
    (stage.source / "goes").unlink()
    await stage.copy(after=stage.beats[-1])
    assert os.listdir(stage.target) == ["stays"]


async def test_what_the_target_made_as_something_else_is_told_and_not_removed(stage: Stage) -> None:
    (stage.source / "cache").write_text("content")
    (stage.target / "cache").mkdir()
    assert "at the target, cache was made as something else" in await stage.fails()
    assert (stage.target / "cache").is_dir()


async def test_a_cut_connection_is_a_passing_error_and_the_next_attempt_sends_the_rest(stage: Stage) -> None:
    for number in range(8):
        (stage.source / str(number)).write_bytes(os.urandom(500_000))
    stage.at_source.faults.cut_after = 3_000_000
    with pytest.raises(ClusterError, match="the connection into Pod db was cut") as raised:
        await stage.copy()
    assert raised.value.temporary
    await until("every command has ended", lambda: gone(stage.at_source, stage.at_target))
    sent = stage.at_source.archived

    await stage.copy(after=stage.beats[-1])
    assert tree(stage.target) == tree(stage.source)
    assert stage.at_source.archived - sent < 2_000_000


async def test_passes_that_were_done_are_not_repeated(stage: Stage) -> None:
    (stage.source / "file").write_text("content")
    assert (await stage.copy(after=ResumePoint(number=7, volume=1, changed=("file",)))).passes == 9


@pytest.mark.parametrize("position", [100, 5_000])
async def test_a_changed_byte_is_noticed_and_mended(stage: Stage, position: int) -> None:
    """In the header of an archive, and in the content of a file."""
    (stage.source / "file").write_bytes(os.urandom(20_000))
    stage.at_source.faults.flip_at = position
    assert (await stage.copy()).passes == 3
    assert tree(stage.target) == tree(stage.source)


async def test_noise_on_the_error_output_does_not_matter(stage: Stage) -> None:
    awkward(stage.source)
    stage.at_source.faults.noise = stage.at_target.faults.noise = b"mesg: ttyname failed\n" * 1000
    assert (await stage.copy()).passes == 2


async def test_a_file_that_changes_during_the_copy(stage: Stage) -> None:
    (stage.source / "steady").write_text("content")

    def change(script: str) -> None:
        if "tar -cf" in script and stage.at_source.scripts.count(script) < 3:
            (stage.source / "log").write_text("line\n" * (1 + len(stage.at_source.scripts)))

    stage.at_source.faults.started = change
    await stage.copy()
    assert tree(stage.target) == tree(stage.source)


async def test_a_file_that_never_stops_changing_is_named(stage: Stage) -> None:
    (stage.source / "steady").write_text("content")

    def change(script: str) -> None:
        (stage.source / "log").write_text(str(len(stage.at_source.scripts)).zfill(9))

    stage.at_source.faults.started = change
    message = await stage.fails(volume_copy_passes=3)
    assert message == "the volumes still differ after 3 passes, because these keep changing: log"


async def test_a_missing_tool_is_named_with_the_image(stage: Stage, tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    for tool in TOOLS:
        if tool not in ("sha256sum", "find"):
            (tools / tool).symlink_to(str(shutil.which(tool)))
    stage.at_target.tools = str(tools)
    message = await stage.fails()
    assert message == f"cannot copy /data of Pod db on it: its image {IMAGE} lacks sha256sum, find"
    (tools / "sh").unlink()
    assert (await stage.fails()).endswith(f"its image {IMAGE} lacks sh")


async def test_a_full_volume(stage: Stage, tmp_path: Path) -> None:
    """No small volume can be made here, so tar says what it says on one."""
    tools = tmp_path / "tools"
    tools.mkdir()
    complaint = "tar: ./file: Cannot write: No space left on device"
    (tools / "tar").write_text(f"#!/bin/sh\n/bin/head -c 1000 >/dev/null; echo '{complaint}' >&2; exit 2\n")
    (tools / "tar").chmod(0o755)
    stage.at_target.tools = f"{tools}:/usr/bin:/bin"
    (stage.source / "file").write_bytes(os.urandom(5_000_000))
    message = await stage.fails()
    assert message == f"no space is left in /data of Pod db on it: {complaint}"


async def test_a_mount_that_is_no_folder(stage: Stage) -> None:
    stage.source.rmdir()
    stage.source.write_text("a file")
    assert await stage.fails() == "cannot copy /data of Pod db on de: it is not a folder"


async def test_exec_is_forbidden(stage: Stage) -> None:
    stage.at_target.faults.refuse = 403
    with pytest.raises(ClusterError) as raised:
        await stage.copy()
    assert not raised.value.temporary
    assert raised.value.message == (
        "cluster it does not allow commands in Pods of namespace default: "
        "its kubeconfig's user needs the verbs get and create on pods/exec"
    )


@pytest.mark.parametrize(("status", "temporary"), [(500, True), (502, True), (400, False)])
async def test_other_refusals(stage: Stage, status: int, temporary: bool) -> None:
    stage.at_source.faults.refuse = status
    with pytest.raises(ClusterError) as raised:
        await stage.copy()
    assert raised.value.temporary == temporary


async def test_trouble_that_does_not_pass_is_given_up(stage: Stage) -> None:
    stage.at_source.faults.refuse = 502
    long_ago = ResumePoint(moved_at=time.time() - 1000)
    with pytest.raises(ClusterError):
        await stage.copy(after=long_ago, volume_copy_patience=1100)
    assert "got no further for 15 min" in await stage.fails(after=long_ago)


async def test_pods_that_do_not_run_are_waited_for(stage: Stage) -> None:
    pod = stage.at_target.documents[POD]
    stage.at_target.documents[POD] = {**pod, "status": {"phase": "Pending"}}
    (stage.source / "file").write_text("content")
    copying = asyncio.create_task(stage.copy())

    async def told() -> bool:
        return "on it Pod db is Pending, not Running" in await stage.message()

    await until("the status says what is waited for", told)
    stage.at_target.documents[POD] = pod
    await copying
    assert tree(stage.target) == tree(stage.source)


async def test_a_pod_that_never_runs(stage: Stage) -> None:
    del stage.at_target.documents[POD]
    message = await stage.fails(readiness_timeout=0)
    assert message == ("cannot copy volume data of Pod/db (/data): on it Pod db is not there after 0 s")


async def test_a_volume_that_is_not_at_the_source_is_new(stage: Stage) -> None:
    del stage.at_source.documents[POD]
    assert await stage.copy() == CopiedVolumes(volumes=0, files=0, bytes=0, passes=1)


async def test_cancelling_ends_the_commands_on_both_sides(stage: Stage) -> None:
    """Also where a container runtime does no more than close their input."""
    (stage.source / "file").write_bytes(os.urandom(20_000_000))
    stage.at_source.faults.pause = 0.05
    copying = asyncio.create_task(stage.copy())

    async def on_its_way() -> bool:
        return stage.at_source.archived > 1_000_000

    await until("the stream is on its way", on_its_way)
    assert stage.at_source.running() and stage.at_target.running()
    stage.environment.cancel()
    with pytest.raises(asyncio.CancelledError):
        await copying
    await until("every command has ended", lambda: gone(stage.at_source, stage.at_target), 5)
    assert (stage.source / "file").stat().st_size == 20_000_000


async def test_memory_is_bounded_and_progress_is_told(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bytes of one huge file show in the heartbeats and in the status while it is on its way."""
    monkeypatch.setattr("activities.kubernetes.volumes.progress._TELL_SECONDS", 0.05)
    with (stage.source / "huge").open("wb") as file:
        file.truncate(24 * 1024 * 1024)
    messages: set[str] = set()
    stage.at_source.faults.pause = 0.001
    tracemalloc.start()
    try:
        copying = asyncio.create_task(stage.copy())
        while not copying.done():
            messages.add(await stage.message())
            await asyncio.sleep(0.05)
        await copying
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 10 * 1024 * 1024
    assert len([words for words in messages if "copies volume data of Pod/db" in words]) > 3
    assert any("MiB sent" in beat.doing for beat in stage.beats)
