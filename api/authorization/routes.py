"""What each route needs: told by its path and method, or said at its endpoint."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from api.authorization.needs import Need
from krake.models.permissions import RESOURCES, Verb

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])

_ATTRIBUTE = "__krake_access__"
_ON_COLLECTION = {"GET": Verb.LIST, "POST": Verb.CREATE, "PUT": Verb.UPDATE, "DELETE": Verb.DELETE}
_ON_ONE = {"GET": Verb.GET, "PUT": Verb.UPDATE, "PATCH": Verb.UPDATE, "DELETE": Verb.DELETE}
_NAMESPACE = ["namespaces", "{namespace}"]


@dataclass(frozen=True, slots=True)
class Access:
    """What a route needs."""

    need: Need | None
    """None where everyone may call it."""
    filtered: bool = False
    """Whether the endpoint, which speaks of all namespaces, leaves out those that the caller may not see."""
    reason: str = ""
    """Why nothing is needed."""

    def to_watch(self) -> Access:
        """What the same route needs for a watch."""
        if self.need is None or self.need.verb not in _WATCHES:
            return self
        return replace(self, need=replace(self.need, verb=_WATCHES[self.need.verb]))


_WATCHES = {Verb.LIST: Verb.WATCH, Verb.LIST_ALL: Verb.WATCH_ALL}


@dataclass(frozen=True, slots=True)
class _Said:
    """What is said at an endpoint."""

    verb: Verb | None = None
    resource: str = ""
    filtered: bool = False
    exempt: str = ""


def exempt(reason: str) -> Callable[[Endpoint], Endpoint]:
    """Let everyone call this endpoint; the reason is for the reader and for the tests."""
    return _say(_Said(exempt=reason))


def needs(verb: Verb, resource: str = "") -> Callable[[Endpoint], Endpoint]:
    """Ask for another verb, or resource of the same API, than path and method tell."""
    return _say(_Said(verb=verb, resource=resource))


def filtered(endpoint: Endpoint) -> Endpoint:
    """Say of an endpoint for all namespaces that it answers with what is in `info.reach` only. Without, the
    caller needs the right in all namespaces."""
    return _say(_Said(filtered=True))(endpoint)


def _say(said: _Said) -> Callable[[Endpoint], Endpoint]:
    def decorate(endpoint: Endpoint) -> Endpoint:
        setattr(endpoint, _ATTRIBUTE, said)
        return endpoint

    return decorate


def access_of(method: str, path: str, endpoint: Callable[..., Any]) -> Access:
    """What a route needs. One with an unusual path that says nothing is for those who may do everything."""
    said: _Said = getattr(endpoint, _ATTRIBUTE, _Said())
    if said.exempt:
        return Access(None, reason=said.exempt)
    need = _told(method, path)
    if said.verb:
        resource, _, subresource = (said.resource or need.name).partition("/")
        need = replace(need, verb=said.verb, resource=resource, subresource=subresource)
    return Access(need, said.filtered)


def _told(method: str, path: str) -> Need:
    """The need that a path tells: `/api[/namespaces/{namespace}]/plural[/{name}][/subresource…]`."""
    api, *rest = path.strip("/").split("/")
    in_namespace = rest[:2] == _NAMESPACE
    plural, *tail = (rest[2:] if in_namespace else rest) or [""]
    found = RESOURCES.get(api, {}).get(plural)
    is_global = not in_namespace and found is not None and not found.namespaced
    if not tail:
        verb = _ON_COLLECTION.get(method, Verb.ANY)
        if verb is Verb.LIST and not in_namespace and not is_global:
            verb = Verb.LIST_ALL
        return Need(verb, api, plural, is_global=is_global)
    part = tail[1:2] if tail[0].startswith("{") else tail[:1]
    if not part:
        return Need(_ON_ONE.get(method, Verb.ANY), api, plural, is_global=is_global)
    return Need(Verb.GET if method == "GET" else Verb.UPDATE, api, plural, part[0], is_global=is_global)
