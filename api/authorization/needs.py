"""What a request has to be allowed: a verb on a resource or subresource of an API."""

from __future__ import annotations

from dataclasses import dataclass

from krake.models.permissions import OWN_ENTRY, Verb, is_global, split


@dataclass(frozen=True, slots=True)
class Need:
    """A verb on a resource; where, is asked with it."""

    verb: Verb
    api: str
    resource: str
    subresource: str = ""
    is_global: bool = False
    """Whether the resource is in no namespace."""

    @classmethod
    def of(cls, verb: Verb, api: str, resource: str) -> Need:
        """The need for a resource as rules name it: `applications`, `applications/status`, `*`."""
        return cls(verb, api, *split(resource), is_global=is_global(api, resource))

    @property
    def name(self) -> str:
        """The resource or subresource as rules name it."""
        return f"{self.resource}/{self.subresource}" if self.subresource else self.resource

    @property
    def words(self) -> str:
        """The resource as messages name it."""
        return f"{self.api}/{self.name}"

    @property
    def entries(self) -> frozenset[str]:
        """What a rule may name to meet the need; a subresource is met by its resource, too, unless it belongs
        to Krake's own parts."""
        if self.subresource and self.subresource not in OWN_ENTRY:
            return frozenset({self.name, self.resource})
        return frozenset({self.name})
