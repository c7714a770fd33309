"""What one Pod asks for, counted as Kubernetes counts it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from krake.models.quantities import requested
from scheduler.amounts import Amounts, amounts, larger, plus
from scheduler.taints import Effect, Toleration

_ARCHITECTURE = frozenset({"kubernetes.io/arch", "beta.kubernetes.io/arch"})
_KNOWN = ("386", "amd64", "arm", "arm64", "ppc64le", "riscv64", "s390x")

Document = Mapping[str, Any]


def pod_requests(spec: Document) -> Amounts:
    """The requests of a Pod: what it needs while it starts or while it runs, whichever is more.

    Containers run side by side and add up. Init containers run one after the other; those that stay
    (sidecars, `restartPolicy: Always`) count for all that come after them. A limit stands in for a request
    that is missing. The Pod's own `resources` win over its containers', its `overhead` comes on top.

    Raises:
        ValueError: a request is no quantity; the message names container and resource.
    """
    running = plus(*(_requests(one) for one in _objects(spec, "containers")))
    sidecars: Amounts = ()
    starting: Amounts = ()
    for container in _objects(spec, "initContainers"):
        own = _requests(container)
        if container.get("restartPolicy") == "Always":
            sidecars = plus(sidecars, own)
            starting = larger(starting, sidecars)
        else:
            starting = larger(starting, plus(sidecars, own))
    most = dict(larger(plus(running, sidecars), starting))
    most.update(_quantities("the Pod", spec.get("resources")))
    return plus(most.items(), _amounts("overhead", spec.get("overhead")).items())


def architectures(spec: Document) -> tuple[str, ...] | None:
    """The processor architectures that the Pod may run on; None where it says nothing."""
    wanted: set[str] | None = None
    selector = spec.get("nodeSelector")
    for key, value in selector.items() if isinstance(selector, Mapping) else ():
        if key in _ARCHITECTURE:
            wanted = _both(wanted, {str(value)})
    required: Any = spec
    for key in ("affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution"):
        required = required.get(key) if isinstance(required, Mapping) else None
    terms = list(_objects(required, "nodeSelectorTerms")) if isinstance(required, Mapping) else []
    allowed = [_of_term(term) for term in terms]
    if allowed and all(one is not None for one in allowed):
        wanted = _both(wanted, set().union(*(one for one in allowed if one is not None)))
    return None if wanted is None else tuple(sorted(wanted))


def tolerations(spec: Document) -> tuple[Toleration, ...]:
    """The tolerations of the Pod. Those with an end (`tolerationSeconds`) are none for a placement."""
    effects = {effect.value: effect for effect in Effect}
    return tuple(
        Toleration(
            key=str(one.get("key") or ""),
            operator=str(one.get("operator") or "Equal"),
            value=str(one.get("value") or ""),
            effect=effects.get(str(one.get("effect") or "")),
        )
        for one in _objects(spec, "tolerations")
        if one.get("tolerationSeconds") is None
    )


def _of_term(term: Document) -> set[str] | None:
    """The architectures that a term of an affinity allows; None for all."""
    allowed: set[str] | None = None
    for expression in _objects(term, "matchExpressions"):
        values = {str(value) for value in expression.get("values") or ()}
        if expression.get("key") not in _ARCHITECTURE:
            continue
        if expression.get("operator") == "In":
            allowed = _both(allowed, values)
        elif expression.get("operator") == "NotIn":
            allowed = _both(allowed, set(_KNOWN) - values)
    return allowed


def _both(one: set[str] | None, other: set[str]) -> set[str]:
    return other if one is None else one & other


def _objects(holder: Document, field: str) -> Iterator[Document]:
    inner = holder.get(field)
    return (one for one in inner if isinstance(one, Mapping)) if isinstance(inner, list) else iter(())


def _requests(container: Document) -> Amounts:
    return amounts(_quantities(str(container.get("name") or "a container"), container.get("resources")))


def _quantities(where: str, resources: Any) -> dict[str, int]:
    """Requests, and limits where requests are missing; an explicit 0 is a request."""
    if not isinstance(resources, Mapping):
        return {}
    return {**_amounts(where, resources.get("limits")), **_amounts(where, resources.get("requests"))}


def _amounts(where: str, quantities: Any) -> dict[str, int]:
    if not isinstance(quantities, Mapping):
        return {}
    found = {}
    for dimension, value in quantities.items():
        try:
            found[str(dimension)] = requested(str(dimension), value)
        except ValueError as error:
            raise ValueError(f"{dimension} of {where}: {error}") from None
    return found
