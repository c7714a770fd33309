"""Projects of the API group `openstack` as what they are: OpenStack clouds with the provider `magnum`."""

from __future__ import annotations

from typing import Any

Document = dict[str, Any]


def cloud_of_project(spec: Document) -> Document:
    """The spec of the cloud that a project is, with whatever secrets are in it."""
    auth = spec["auth"]
    if auth["type"] == "password":
        login = auth["password"]
        user = {"id": login["user"]["id"], "password": login["user"]["password"]}
        password = {"version": login["version"], "user": user, "project": {"id": login["project"]["id"]}}
        auth = {"type": "password", "password": password}
    openstack = {
        "url": spec["url"],
        "auth": auth,
        "metrics": spec["metrics"],
        # None of this name has to exist: the provider is made from the project itself.
        "infrastructure_provider": {"name": "magnum"},
    }
    return {"type": "openstack", "openstack": openstack}


def provider_of_project(spec: Document) -> Document:
    """The spec of the infrastructure provider that makes clusters in a project."""
    return {"type": "magnum", "magnum": {"template": spec["template"]}}
