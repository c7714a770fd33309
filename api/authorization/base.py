"""The roles that every Krake has: stored at the start of the API where they are missing."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import structlog
import yaml

from krake.models.kinds import ACCESS
from krake.models.roles import Role, RoleBinding
from krake.store.records import NewEvent
from krake.store.store import Store

FILE = Path(__file__).with_name("base_roles.yaml")

_log = structlog.get_logger("api.authorization")


@cache
def base_roles() -> tuple[Role | RoleBinding, ...]:
    """The roles and bindings of the file, in its order."""
    documents = yaml.safe_load_all(FILE.read_text(encoding="utf-8"))
    models: dict[str, type[Role | RoleBinding]] = {"Role": Role, "RoleBinding": RoleBinding}
    return tuple(models[document["kind"]].model_validate(document) for document in documents)


async def store_base_roles(store: Store) -> None:
    """Store those that are missing; what somebody has changed stays changed.

    Raises:
        Unavailable: the store does not answer.
    """
    there = {(kind.name, one.name) for kind in ACCESS for one in (await store.list(kind.name)).items}
    if all((role.kind, role.metadata.name) in there for role in base_roles()):
        return
    async with store.transaction() as transaction:
        for wanted in base_roles():
            kind, name = wanted.kind, wanted.metadata.name
            if await transaction.find(kind, "", name) is None:
                await transaction.create(
                    kind,
                    "",
                    name,
                    labels=wanted.metadata.labels,
                    spec=wanted.spec.model_dump(mode="json"),
                    status={},
                    event=NewEvent("Created", "one of the base roles", cause="start of the API"),
                )
                _log.info("base role stored", kind=kind, name=name)
