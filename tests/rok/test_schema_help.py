"""`rok explain`: the schema in words, without a server."""

from __future__ import annotations

import pytest

from krake.models.kinds import KINDS
from rok.catalogue import COLLECTIONS
from tests.rok.cli import Rok


@pytest.fixture
def alone() -> Rok:
    """`rok` without any server."""
    return Rok("http://127.0.0.1:1", "nobody")


def test_a_kind_and_its_fields(alone: Rok) -> None:
    shown = alone("explain", "app").ok().out
    assert shown.startswith("KIND:   Application (kubernetes)\n\nAn application with what is desired")
    assert "  spec <ApplicationSpec>  required\n      What the user wants to run and where." in shown


def test_a_field_inside(alone: Rok) -> None:
    shown = alone("explain", "app.spec.constraints.cluster").ok().out
    assert "FIELD:  spec.constraints.cluster <ClusterConstraints>" in shown
    assert "  custom_resources <[]string>\n      Definitions that the cluster has to have" in shown
    assert "  backoff_limit <integer>  default -1\n" in alone("explain", "app.spec").ok().out
    assert "Values: one of correct, report, ignore" in alone("explain", "app.spec.drift").ok().out


def test_variants_and_secrets(alone: Rok) -> None:
    shown = alone("explain", "mp.spec").ok().out
    for part in ("prometheus", "kafka", "influx", "static"):
        assert f"  {part} <" in shown
    token = alone("explain", "mp.spec.influx.token").ok().out
    assert "write-only" in token


def test_everything_inside(alone: Rok) -> None:
    shown = alone("explain", "cluster.spec", "--recursive").ok().out
    assert "  taints <[]ClusterTaint>\n    key <string>" in shown
    document = alone("explain", "cluster.spec", "--recursive", "-o", "json").ok().json
    names = [field["name"] for field in document["fields"]]
    assert {"kubeconfig", "metrics", "backoff"} <= set(names)


def test_what_is_not_there(alone: Rok) -> None:
    answer = alone("explain", "app.spec.constraint")
    assert answer.code == 3
    assert answer.err == ("Error: Application.spec has no field 'constraint'\nDid you mean constraints?\n")
    assert alone("explain", "banana").code == 2


def test_every_kind_of_the_api_is_known() -> None:
    assert {collection.kind for collection in COLLECTIONS} == set(KINDS)
    for collection in COLLECTIONS:
        kind = KINDS[collection.kind]
        assert (collection.api, collection.plural) == (kind.api, kind.plural)
        assert (collection.namespaced, collection.noun) == (kind.namespaced, kind.word)


def test_every_field_can_be_explained(alone: Rok) -> None:
    for collection in COLLECTIONS:
        document = alone("explain", collection.plural, "--recursive", "-o", "json").ok().json
        fields = list(document["fields"])
        while fields:
            field = fields.pop()
            assert field["type"], field
            fields += field.get("fields", [])
