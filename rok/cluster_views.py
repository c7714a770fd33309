"""What tables show of a cluster at its cloud, of its machines and of its credentials."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from krake.provisioning.desired import is_made
from rok.formats import NONE, age, ahead, date, lines, parse_time, reason

Document = dict[str, Any]
Rows = list[tuple[str, str]]

WARN = timedelta(days=14)
"""From when on the end of credentials deserves a warning."""


def at_cloud_rows(document: Document) -> Rows:
    """Where the cluster is made, and how it stands there; only the credentials of one that was registered."""
    spec, status = document["spec"], document["status"]
    if not is_made(spec):
        return [("cloud", NONE), *_credentials(status)]
    return [
        ("cloud", cloud_of(status)),
        ("scheduled", date(status.get("scheduled"))),
        ("id at the cloud", status.get("cluster_id") or NONE),
        ("phase", _phase(status.get("provisioning") or {})),
        ("trouble", reason({"reason": (status.get("provisioning") or {}).get("trouble")})),
        ("machines", machines(spec)),
        *_constraints(spec),
        *_credentials(status),
    ]


def cloud_of(status: Document) -> str:
    """The cloud that the cluster is on, or is to be made on."""
    place = status.get("running_on") or status.get("scheduled_to")
    if not place:
        return NONE
    return f"{place['name']}{'' if place.get('namespace') else ' (global)'}"


def nodes(document: Document) -> str:
    """How many nodes are ready; of a made cluster also how many workers its cloud counts and should have."""
    status = document["status"]
    found = status.get("nodes") or []
    words = [f"{sum(map(_is_ready, found))}/{len(found)} ready"]
    counted = (status.get("provisioning") or {}).get("nodes")
    wanted = (document["spec"].get("infrastructure") or {}).get("nodes")
    if counted is not None:
        words.append(f"{counted} counted at the cloud")
    if wanted is not None:
        words.append(f"{wanted} wanted")
    return ", ".join(words)


def machines(spec: Document) -> str:
    """What the cluster is made of, in a few lines."""
    wanted = spec.get("infrastructure")
    if not wanted:
        return "as its TOSCA template says"
    flavor = wanted.get("flavor")
    control_flavor = wanted.get("control_plane_flavor") or flavor
    named = [
        f"{key.replace('_', ' ')} {wanted[key]}"
        for key in ("image", "kubernetes_version", "template")
        if wanted.get(key)
    ]
    return lines(
        [
            _machines("worker", wanted.get("nodes", 1), flavor),
            _machines("control plane node", wanted.get("control_plane_nodes", 1), control_flavor),
            *named,
            *(["healed where nodes vanish"] if wanted.get("heal") else []),
        ]
    )


def _machines(noun: str, number: int, flavor: str | None) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}" + (f" {flavor}" if flavor else "")


def _phase(provisioning: Document) -> str:
    """What is being done about it at its cloud, since when, and what the cloud says."""
    if not provisioning:
        return NONE
    since = age(provisioning.get("since")).removesuffix(" ago")
    message = f": {provisioning['message']}" if provisioning.get("message") else ""
    return f"{provisioning['phase']} for {since}{message}"


def _constraints(spec: Document) -> Rows:
    """What its cloud has to be like, where anything is asked for."""
    cloud = (spec.get("constraints") or {}).get("cloud") or {}
    titles = {"labels": "cloud label constraints", "metrics": "cloud metric constraints"}
    return [(title, lines(cloud[field])) for field, title in titles.items() if cloud.get(field)]


def _credentials(status: Document) -> Rows:
    """When the credentials end, where they say so, with what to do when that is soon; and why there are no
    new ones although they were asked for."""
    failure = status.get("rotation_failure")
    failed = [("rotation failed", reason({"reason": failure}))] if failure else []
    return [*_end_of_credentials(status), *failed]


def _end_of_credentials(status: Document) -> Rows:
    end = parse_time(status.get("credentials_expire"))
    if end is None:
        return []
    words = f"{ahead(status['credentials_expire'])} ({date(status['credentials_expire'])})"
    left = end - datetime.now(UTC)
    if status.get("rotation_requested"):
        asked = age(status["rotation_requested"])
        return [("credentials expire", f"{words}\nNew ones were asked for {asked}")]
    if left > WARN:
        return [("credentials expire", words)]
    renewal = "rotate-credentials" if status.get("provisioning") else "update --kubeconfig"
    verb = "Expired" if left <= timedelta() else "Warning: soon"
    return [("credentials expire", f"{words}\n{verb}; renew them with `rok kube cluster {renewal}`")]


def _is_ready(node: Document) -> bool:
    conditions = (node.get("status") or {}).get("conditions") or []
    return any(item["type"] == "Ready" and item["status"] == "True" for item in conditions)
