"""What the demo plays on: Krake and sandbox clusters, started once and used again."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import yaml

from examples.demo.cluster import Cluster

DEFAULT_API = "http://localhost:8080"
PROGRAMS = Path(sys.executable).parent


class DemoError(Exception):
    """A result that is not right; ends the demo."""


class Stage:
    """Starts what the demo needs, runs its commands in front of the audience, and checks results."""

    def __init__(self, state_dir: Path) -> None:
        self.state_dir = state_dir
        self.addresses: dict[str, str] = {}
        self._environment = {key: value for key, value in os.environ.items() if not key.startswith("ROK_")}
        self._environment["KRAKE_STATE_DIR"] = str(state_dir)

    def say(self, text: str, colour: str = "") -> None:
        """Write a line, in colour on a terminal."""
        plain = not colour or not sys.stdout.isatty() or bool(os.environ.get("NO_COLOR"))
        sys.stdout.write(f"{text}\n" if plain else f"\x1b[{colour}m{text}\x1b[0m\n")
        sys.stdout.flush()

    def title(self, text: str) -> None:
        """Open a section."""
        self.say(f"\n{text}", colour="1")

    def check(self, claim: str, holds: bool, found: str = "") -> None:
        """Say that the claim holds.

        Raises:
            DemoError: it does not.
        """
        if not holds:
            raise DemoError(f"Not so: {claim}{f' (found: {found})' if found else ''}")
        self.say(f"✔ {claim}", colour="32")

    def shown(self, path: Path) -> str:
        """The path as short as a person would type it."""
        return os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)

    def address(self, name: str) -> str:
        """Where a part of Krake answers."""
        return self.addresses[name]

    @property
    def environment(self) -> Mapping[str, str]:
        """The environment in which `krake` and `rok` work on this stage."""
        return self._environment

    @property
    def is_default_address(self) -> bool:
        """Whether `rok` finds the API without being told."""
        return self.address("API").replace("127.0.0.1", "localhost") == DEFAULT_API

    def up(self, free_ports: bool) -> None:
        """Start Krake, or use the one that runs; on other ports where the usual ones are taken."""
        if not self._status().get("ready"):
            # What a crash left half running would keep its ports.
            self.quiet("krake", "down", check=False)
            self._start(free_ports)
        status = self._status()
        if not status.get("ready"):
            raise DemoError("Krake does not become ready; `krake status` says more")
        self.addresses = status["addresses"]
        configuration = self.state_dir / "rok.yaml"
        configuration.write_text(yaml.safe_dump({"api_url": self.address("API")}))
        self._environment["ROK_CONFIG"] = str(configuration)
        self.say(f"✔ Krake is ready at {self.address('API')}", colour="32")

    def _start(self, free_ports: bool) -> None:
        start = ("krake", "up", "--detach")
        if not free_ports:
            self.say(f"$ {shlex.join(start)}", colour="36")
            if self._run(*start) == 0:
                return
            self.say("Trying again on free ports")
        self._shown(*start, "--free-ports")

    def down(self) -> None:
        """Stop Krake and delete the clusters."""
        self._shown("krake", "down")
        for sandbox in json.loads(self.quiet("krake", "sandbox", "list", "-o", "json")):
            self._shown("krake", "sandbox", "delete", sandbox["name"])

    def clusters(self, locations: Mapping[str, str]) -> list[Cluster]:
        """Sandbox clusters by name and location, made or started where they are not running."""
        listed = json.loads(self.quiet("krake", "sandbox", "list", "-o", "json"))
        states = {sandbox["name"]: sandbox["state"] for sandbox in listed}
        with ThreadPoolExecutor() as pool:
            list(pool.map(lambda name: self._ensure_sandbox(name, locations[name], states), locations))
        return [Cluster(name, place, self._kubeconfig(name)) for name, place in locations.items()]

    def _ensure_sandbox(self, name: str, location: str, states: Mapping[str, str]) -> None:
        state = states.get(name)
        create = ("krake", "sandbox", "create", name, "-l", f"location={location}")
        if state == "running":
            self.say(f"✔ Cluster {name} runs already", colour="32")
        elif state and self._run("krake", "sandbox", "start", name) == 0:
            self.say(f"✔ Cluster {name} runs again", colour="32")
        else:
            # An interrupted creation may have left a folder that is no sandbox yet.
            self.quiet("krake", "sandbox", "delete", name, check=False)
            self._shown(*create)

    def _kubeconfig(self, name: str) -> Path:
        return Path(self.quiet("krake", "sandbox", "kubeconfig", name, "--path").strip())

    def remove_leftovers(self, application: str, clusters: Iterable[Cluster]) -> None:
        """Remove what an interrupted run left, in Krake and on the clusters."""
        if application in self.names("app"):
            self.say(f"Removing {application} of a former run")
            self.rok("kube", "app", "delete", application, "--wait", "--timeout", "120s")
        for one in clusters:
            if one.name in self.names("cluster"):
                self.say(f"Removing {one.name} of a former run")
                self.rok("kube", "cluster", "delete", one.name, "--wait", "--timeout", "60s")
            one.remove(application)

    def rok(self, *arguments: str) -> None:
        """Run a command of `rok` in front of the audience.

        Raises:
            DemoError: it failed.
        """
        self._shown("rok", *arguments)

    def document(self, resource: str, name: str, command: str = "get") -> dict[str, Any]:
        """A resource, or its operations, as Krake's own document."""
        answer = self.quiet("rok", "kube", resource, command, name, "-o", "json")
        document: dict[str, Any] = json.loads(answer)
        return document

    def names(self, resource: str) -> set[str]:
        """The names of all resources of a kind."""
        listing = json.loads(self.quiet("rok", "kube", resource, "list", "-o", "json"))
        return {item["metadata"]["name"] for item in listing["items"]}

    def _status(self) -> dict[str, Any]:
        status: dict[str, Any] = json.loads(self.quiet("krake", "status", "-o", "json", check=False) or "{}")
        return status

    def _shown(self, *command: str) -> None:
        self.say(f"$ {shlex.join(command)}", colour="36")
        if code := self._run(*command):
            raise DemoError(f"`{shlex.join(command)}` failed with exit code {code}")

    def _run(self, program: str, *arguments: str) -> int:
        command = [str(PROGRAMS / program), *arguments]
        return subprocess.run(command, env=self._environment, check=False).returncode

    def quiet(self, program: str, *arguments: str, check: bool = True) -> str:
        """The output of a command that the audience need not see."""
        command = [str(PROGRAMS / program), *arguments]
        done = subprocess.run(command, env=self._environment, capture_output=True, text=True, check=False)
        if check and done.returncode:
            raise DemoError(f"`{program} {shlex.join(arguments)}` failed: {done.stderr.strip()}")
        return done.stdout
