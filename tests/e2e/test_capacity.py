"""Room on clusters, on real servers: who finds none waits, and starts as soon as some comes free."""

from __future__ import annotations

from krake.embedded.sandbox import Sandbox
from tests.support.manifests import deployment
from tests.support.user import User


async def test_who_finds_no_room_says_so_and_starts_when_some_comes_free(
    newcomer: User, sandboxes: dict[str, Sandbox], name: str
) -> None:
    rok = newcomer
    (await rok.register(sandboxes["de"])).ok()
    nodes = (await rok.get("de", "cluster"))["status"]["nodes"]
    offered = sum(int(node["status"]["allocatable"]["cpu"]) for node in nodes)
    pods = {"replicas": offered // 2, "resources": {"requests": {"cpu": "2"}}}
    first, second = f"{name}-1", f"{name}-2"
    (await rok.create(first, deployment(first, **pods), more=("--wait",))).ok()
    (await rok.create(second, deployment(second, **pods))).ok()
    status = await rok.until_state(second, "PENDING", says="NO_SUITABLE_RESOURCE")
    assert f"cpu: needs {offered}, free 0 of {offered} (reserved {offered})" in status["reason"]["message"]
    assert "resources: cpu: needs" in " ".join((await rok("kube", "app", "explain", second)).ok().out.split())

    (await rok.delete(first)).ok()
    await rok.until_state(second, "RUNNING")
    (await rok.delete(second, "--wait")).ok()
