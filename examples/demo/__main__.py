"""The walk-through: Krake, two Kubernetes clusters, and an application placed, run and removed with `rok`.

    python -m examples.demo           play it; everything keeps running for you to go on
    python -m examples.demo --down    stop what it started

It shows each command with its output and looks for itself whether the result is right, also on the
clusters, where it asks Kubernetes instead of Krake. Exit code 0 says that every result was. It can be
interrupted and started again at any time: what runs is used, what a former run left is removed.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from examples.demo.cluster import Cluster
from examples.demo.stage import DemoError, Stage

APPLICATION = "echo-demo"
ROOT = Path(__file__).parents[2]
MANIFEST = ROOT / "examples" / "echo-demo.yaml"
STATE_DIR = ROOT / ".krake" / "demo"


def main() -> int:
    """Run the demo from the command line and return its exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--down", action="store_true", help="stop Krake and delete the clusters")
    parser.add_argument("--state-dir", type=Path, default=STATE_DIR, help="folder for everything it keeps")
    parser.add_argument("--free-ports", action="store_true", help="leave the usual ports to others")
    options = parser.parse_args()
    stage = Stage(options.state_dir.absolute())
    try:
        if options.down:
            stage.down()
        else:
            play(stage, options.free_ports)
    except DemoError as error:
        stage.say(f"✘ {error}", colour="31")
        return 1
    except KeyboardInterrupt:
        stage.say("Interrupted. `make demo` goes on from here, `make demo-down` stops everything.")
        return 130
    return 0


def play(stage: Stage, free_ports: bool) -> None:
    """Set the stage, play the walk-through, and say how to go on."""
    stage.title("Krake and two Kubernetes clusters")
    stage.up(free_ports)
    germany, italy = stage.clusters({"demo-de": "DE", "demo-it": "IT"})
    stage.remove_leftovers(APPLICATION, (germany, italy))
    register(stage, (germany, italy))
    create(stage, germany, italy)
    delete(stage, germany)
    unregister(stage, (germany, italy))
    farewell(stage, germany)


def register(stage: Stage, clusters: tuple[Cluster, Cluster]) -> None:
    """Make both clusters known to Krake."""
    stage.title("1. Register the clusters")
    stage.rok("kube", "cluster", "list")
    known = stage.names("cluster")
    stage.check("no cluster of the demo is registered", not known & {one.name for one in clusters})
    for one in clusters:
        path, label = stage.shown(one.kubeconfig), f"location={one.location}"
        stage.rok("kube", "cluster", "register", "-k", path, "-l", label, "--wait", "--timeout", "60s")
        state = stage.document("cluster", one.name)["status"]["state"]
        stage.check(f"{one.name} is ONLINE", state == "ONLINE", state)
    stage.rok("kube", "cluster", "list")


def create(stage: Stage, wanted: Cluster, other: Cluster) -> None:
    """Deploy the application to where its constraint says."""
    stage.title(f"2. Deploy an application that has to be in {wanted.location}")
    constraint = f"location is {wanted.location}"
    command = ("kube", "app", "create", "-f", stage.shown(MANIFEST), APPLICATION)
    stage.rok(*command, "-L", constraint, "--wait", "running", "--timeout", "120s")
    stage.rok("kube", "app", "get", APPLICATION)
    status = stage.document("app", APPLICATION)["status"]
    stage.check("it is RUNNING", status["state"] == "RUNNING", status["state"])
    place = (status["running_on"] or {}).get("name")
    stage.check(f"it runs on {wanted.name}", place == wanted.name, str(place))
    service = status["services"].get(APPLICATION, "")
    host, _, port = service.rpartition(":")
    stage.check("its service has an address", bool(host) and port.isdigit(), service or "none")
    ready = wanted.ready_replicas(APPLICATION)
    stage.check(f"Kubernetes says so too: {ready} replica ready on {wanted.name}", ready == 1, str(ready))
    stage.check(f"there is nothing of it on {other.name}", not other.objects(APPLICATION))
    stage.rok("kube", "app", "operations", APPLICATION)
    names = {run["operation"] for run in stage.document("app", APPLICATION, "operations")["items"]}
    stage.check("Temporal knows the deployment", "DeployApplication" in names, ", ".join(sorted(names)))


def delete(stage: Stage, cluster: Cluster) -> None:
    """Remove the application with everything that it brought."""
    stage.title("3. Delete it")
    stage.rok("kube", "app", "delete", APPLICATION, "--wait", "deleted", "--timeout", "120s")
    stage.check("Krake has forgotten it", APPLICATION not in stage.names("app"))
    left = cluster.objects(APPLICATION)
    stage.check(f"its objects are gone from {cluster.name}", not left, ", ".join(left))
    stage.check("and so are its Pods", cluster.pods_end("app=echo"))


def unregister(stage: Stage, clusters: tuple[Cluster, Cluster]) -> None:
    """Take the clusters away from Krake; they stay as they are."""
    stage.title("4. Take the clusters away")
    for one in clusters:
        stage.rok("kube", "cluster", "delete", one.name, "--wait", "--timeout", "60s")
    stage.rok("kube", "cluster", "list")
    stage.check("both are gone", not stage.names("cluster") & {one.name for one in clusters})


def farewell(stage: Stage, cluster: Cluster) -> None:
    """Say how to go on."""
    stage.title("Every result was right. Krake and the clusters keep running; go on with")
    programs = Path(sys.executable).parent
    if str(programs) not in os.environ.get("PATH", "").split(os.pathsep):
        stage.say(f'  export PATH="{programs}:$PATH"')
    if not stage.is_default_address:
        stage.say(f"  export ROK_API_URL={stage.address('API')}")
    stage.say(f"  rok kube cluster register -k {stage.shown(cluster.kubeconfig)} -l location=DE --wait")
    stage.say(f"  rok kube app create -f {stage.shown(MANIFEST)} {APPLICATION} --wait")
    stage.say("  rok --help")
    for name, address in stage.addresses.items():
        stage.say(f"  {name:<14} {address}")
    stage.say("Stop everything with `make demo-down`.")


if __name__ == "__main__":
    sys.exit(main())
