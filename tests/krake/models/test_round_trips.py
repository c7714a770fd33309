"""Every model gives back what it was given: read, written as JSON, read again."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from pydantic import BaseModel, ValidationError

from api.examples import EXAMPLES
from krake.models.bindings import CloudBinding, ClusterBinding
from krake.models.history import RollbackRequest
from krake.models.hooks import HookCall
from krake.models.kinds import KINDS
from krake.models.migration import MigrationOrder
from krake.models.openstack import MagnumClusterBinding
from krake.models.what_if import WhatIf
from tests.support.budget import budget
from tests.support.mutants import mutants

MODELS: dict[str, type[BaseModel]] = {
    **{kind.name: kind.model for kind in KINDS.values()},
    **{
        model.__name__: model
        for model in (
            ClusterBinding,
            CloudBinding,
            MagnumClusterBinding,
            RollbackRequest,
            HookCall,
            MigrationOrder,
            WhatIf,
        )
    },
}


def full(name: str) -> dict[str, Any]:
    """The example with every default written out, the status included."""
    return MODELS[name].model_validate(deepcopy(EXAMPLES[name])).model_dump(mode="json")


@pytest.mark.parametrize("name", MODELS)
def test_what_a_model_takes_it_gives_back(name: str) -> None:
    model = MODELS[name]

    @budget(25)
    @given(mutants(full(name)))
    def check(document: dict[str, Any]) -> None:
        try:
            read = model.model_validate(document)
        except ValidationError:
            return
        written = read.model_dump(mode="json")
        again = model.model_validate(written)
        assert again == read
        assert again.model_dump(mode="json") == written
        assert model.model_validate_json(read.model_dump_json()) == read

    check()


def test_every_example_is_of_a_model_and_round_trips() -> None:
    assert set(MODELS) <= set(EXAMPLES)
    for name, model in MODELS.items():
        written = full(name)
        assert model.model_validate(written).model_dump(mode="json") == written
