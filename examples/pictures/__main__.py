"""Make the pictures in docs/images from a real Krake with two clusters.

    python -m examples.pictures            make all of them, about a minute
    python -m examples.pictures rok-tree   only this one

Krake and the clusters are started in a folder of their own on free ports and stopped at the end. The
terminal has 80 columns, as the smallest that people use.
"""

from __future__ import annotations

import argparse
import json
import shlex
import shutil
import sys
import tempfile
import time
from pathlib import Path

from examples.demo.stage import PROGRAMS, DemoError, Stage
from examples.pictures.drawing import picture
from examples.pictures.scenes import CLUSTERS, FILES, SCENES
from examples.pictures.terminal import shown

PROBE = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: probe}\n"
PATIENCE = 120.0
"""Seconds that the first sample may take."""
IMAGES = Path(__file__).parents[2] / "docs" / "images"


def main() -> int:
    """Make the pictures that the command line names and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("pictures", nargs="*", help="names of pictures; all where none is given")
    parser.add_argument("--images", type=Path, default=IMAGES, help="folder for them")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="krake-pictures-"))
    stage = Stage(folder / "state")
    try:
        stage.up(free_ports=True)
        prepare(stage, folder)
        draw(stage, folder, options.images, set(options.pictures))
    except DemoError as error:
        stage.say(f"✘ {error}", colour="31")
        return 1
    finally:
        stage.down()
        shutil.rmtree(folder, ignore_errors=True)
    return 0


def prepare(stage: Stage, folder: Path) -> None:
    """Bring Krake to the state that the pictures show."""
    for name, text in FILES.items():
        (folder / name).write_text(text)
    (folder / "away.yaml").write_text("api_url: http://localhost:1\n")
    stage.rok("apply", "-f", str(folder / "metrics.yaml"))
    for cluster in stage.clusters(CLUSTERS):
        options: tuple[str, ...] = ("-l", f"location={cluster.location}", "--metric", "energy", "1")
        if cluster.name == "berlin":
            options += ("--metric", "latency", "-0.5")
        stage.rok(
            "kube", "cluster", "register", "-k", str(cluster.kubeconfig), "--name", cluster.name, *options
        )
    stage.rok("wait", "clusters", *CLUSTERS, "--for", "online", "--timeout", "60s")
    wait_for_metrics(stage, folder)
    files = [word for name in ("shop", "blog", "search") for word in ("-f", str(folder / f"{name}.yaml"))]
    stage.rok("apply", *files)
    stage.rok("wait", "app", "shop", "--for", "condition=Ready", "--timeout", "60s")


def wait_for_metrics(stage: Stage, folder: Path) -> None:
    """Return when the metrics have been sampled: before that nothing is placed.

    Raises:
        DemoError: that takes too long.
    """
    (folder / "probe.yaml").write_text(PROBE)
    probe = ("kube", "app", "create", "probe", "-f", str(folder / "probe.yaml"), "--dry-run", "-o", "json")
    deadline = time.monotonic() + PATIENCE
    while not json.loads(stage.quiet("rok", *probe))["decision"]["chosen"]:
        if time.monotonic() > deadline:
            raise DemoError("The metrics are not sampled")
        time.sleep(1)


def draw(stage: Stage, folder: Path, images: Path, wanted: set[str]) -> None:
    """Draw the wanted pictures, or all."""
    for scene in SCENES:
        if wanted and scene.file not in wanted:
            continue
        screens = []
        for command in scene.commands:
            program, *arguments = shlex.split(command)
            output = shown([str(PROGRAMS / program), *arguments], stage.environment, folder)
            screens.append((command, output))
        (images / f"{scene.file}.svg").write_text(picture(scene.title, screens))
        stage.say(f"✔ {scene.file}.svg", colour="32")


if __name__ == "__main__":
    sys.exit(main())
