"""The random operations of a user, each of which changes the model when the API accepted it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from random import Random

from tests.chaos.client import Client
from tests.chaos.model import Application, Model

APPLICATIONS = "applications"
CLUSTERS = "clusters"
MOST = 12
"""Applications at the same time: more would only make the rounds longer."""

Operation = Callable[[], Awaitable[str]]


class User:
    """Chooses what to do next, and does it."""

    def __init__(self, random: Random, client: Client, model: Model, clusters: dict[str, str]) -> None:
        self._random = random
        self._client = client
        self._model = model
        self._clusters = clusters
        """Location by name of the cluster."""
        self._numbers = 0
        self.namespace = "chaos"

    async def act(self) -> str:
        """Do one thing; returns what, in words."""
        return await self._choose()()

    def _choose(self) -> Operation:
        there = len(self._model.applications)
        if there == 0:
            return self.create
        weights: list[tuple[Operation, int]] = [
            (self.create, 30 if there < MOST else 0),
            (self.update, 30),
            (self.migrate, 20),
            (self.delete, 15),
            (self.drain, 8 if not self._model.cordoned else 0),
            (self.uncordon, 15 if self._model.cordoned else 0),
        ]
        operations = [operation for operation, _ in weights]
        return self._random.choices(operations, [chance for _, chance in weights])[0]

    async def create(self) -> str:
        """A new application, half of the time with a requirement on its location."""
        self._numbers += 1
        application = Application(
            f"app-{self._numbers}", self._token(), self._random.random() < 0.5, self._location()
        )
        await self._client.create(APPLICATIONS, application.document(self.namespace))
        self._model.applications[application.name] = application
        self._model.touch(application.name)
        return f"create {application.name} in {application.location or 'any location'}"

    async def update(self) -> str:
        """Other content, other objects, and now and then another location."""
        application = self._any()
        changed = Application(
            application.name,
            self._token(),
            self._random.random() < 0.5,
            self._location() if self._random.random() < 0.4 else application.location,
        )
        await self._client.replace(APPLICATIONS, changed.document(self.namespace))
        self._model.applications[application.name] = changed
        self._model.touch(application.name)
        return f"update {application.name} in {changed.location or 'any location'}"

    async def migrate(self) -> str:
        """Ask for a move; where to is the scheduler's to say. It may be refused: nothing else fits."""
        application = self._any()
        accepted = await self._client.ask(APPLICATIONS, application.name, "migration", {})
        self._model.touch(application.name)
        return f"migrate {application.name}" + ("" if accepted else " (refused)")

    async def delete(self) -> str:
        """Away with it."""
        application = self._any()
        await self._client.delete(APPLICATIONS, application.name)
        del self._model.applications[application.name]
        self._model.deleted.add(application.name)
        self._model.touch(application.name)
        return f"delete {application.name}"

    async def drain(self) -> str:
        """Everything has to leave one cluster."""
        name = self._random.choice(sorted(self._clusters))
        await self._client.ask(CLUSTERS, name, "drain")
        self._model.cordoned.add(name)
        self._model.touch(name)
        return f"drain {name}"

    async def uncordon(self) -> str:
        """The cluster takes applications again."""
        name = self._random.choice(sorted(self._model.cordoned))
        await self._client.ask(CLUSTERS, name, "uncordon")
        self._model.cordoned.discard(name)
        self._model.touch(name)
        return f"uncordon {name}"

    def _any(self) -> Application:
        return self._model.applications[self._random.choice(sorted(self._model.applications))]

    def _token(self) -> str:
        return f"{self._random.getrandbits(48):012x}"

    def _location(self) -> str | None:
        return self._random.choice([None, None, *sorted(self._clusters.values())])
