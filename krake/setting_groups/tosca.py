"""What TOSCA templates and CSAR archives may cost."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from krake.setting_groups.base import SettingGroup


class ToscaSettings(SettingGroup):
    """What TOSCA templates and CSAR archives may cost."""

    tosca_allow_internal_urls: bool = False
    """Whether TOSCA templates and archives may be fetched from loopback, private and link-local addresses."""
    tosca_download_timeout: Annotated[float, Field(gt=0, le=120)] = 20.0
    """Seconds that all downloads for one TOSCA template or CSAR archive may take together."""
    tosca_timeout: Annotated[float, Field(gt=0, le=300)] = 60.0
    """Seconds that a translation may take, downloads included."""
    tosca_max_document_bytes: Annotated[int, Field(gt=0)] = 1024 * 1024
    """Largest TOSCA template or imported document, its YAML aliases written out, and largest manifest."""
    tosca_max_imports: Annotated[int, Field(ge=0)] = 20
    """Documents that one TOSCA template may import, directly and through others."""
    tosca_max_archive_bytes: Annotated[int, Field(gt=0)] = 10 * 1024 * 1024
    """Largest CSAR archive."""
    tosca_max_expanded_bytes: Annotated[int, Field(gt=0)] = 50 * 1024 * 1024
    """Most that the files of a CSAR archive may take up together when unpacked."""
    tosca_max_archive_files: Annotated[int, Field(gt=0)] = 1000
    """Most files that a CSAR archive may hold."""
