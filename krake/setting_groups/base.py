"""What every group of settings is."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class SettingGroup(BaseModel):
    """Settings that belong together; nobody makes one of them alone, so that none is compiled alone."""

    model_config = ConfigDict(use_attribute_docstrings=True, defer_build=True)
