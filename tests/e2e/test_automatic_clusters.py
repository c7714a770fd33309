"""Clusters that Krake makes for applications by itself: from the wish to the removal of the empty cluster."""

from __future__ import annotations

from tests.e2e.test_provisioning import CLOUD, here
from tests.support.manifests import deployment
from tests.support.stack import Krake
from tests.support.user import User

WISH = ("--auto-cluster-create", "-L", "location is DE")


async def test_applications_get_a_cluster_share_it_and_leave_nothing_behind(
    krake: Krake, newcomer: User, name: str
) -> None:
    rok = newcomer
    (await rok("apply", "-f", rok.text_file(CLOUD))).ok()
    first, second = f"{name}-1", f"{name}-2"
    (await rok.create(first, deployment(first), more=WISH)).ok()
    status = await rok.until_state(first, "WAITING_FOR_CLUSTER_CREATION", says="is made on cloud here")
    made = status["auto_cluster_create_started"]
    assert made.startswith(f"auto-{first}-")
    (await rok.create(second, deployment(second), more=WISH)).ok()
    for one in (first, second):
        assert (await rok.until_state(one, "RUNNING", seconds=90))["scheduled_to"]["name"] == made
    assert len(here(krake)) == 1
    explained = (await rok("kube", "app", "explain", second, "-o", "json")).ok().json
    assert "location is DE (inherited)" in str(explained)
    cluster = await rok.get(made, "cluster")
    assert (cluster["metadata"]["inherit_labels"], cluster["status"]["idle_since"]) == (True, None)

    (await rok.delete(first, "--wait")).ok()
    (await rok.delete(second, "--wait")).ok()
    await rok.until_gone(made, kind="cluster", seconds=60)
    assert here(krake) == []
