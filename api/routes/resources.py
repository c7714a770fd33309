"""Create, read, list, watch, update and delete: the same for every kind of resources."""

from __future__ import annotations

from fastapi import APIRouter

from api.routes.reading import ReadRoutes
from api.routes.writing import WriteRoutes
from krake.models.kinds import Kind


class ResourceRoutes:
    """The routes of one kind."""

    def __init__(self, kind: Kind) -> None:
        self.router = APIRouter(tags=[kind.plural])
        ReadRoutes(kind).add_to(self.router)
        WriteRoutes(kind).add_to(self.router)
