"""What the translating process is told on its standard input, and what it answers on its standard output."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

Document = dict[str, Any]


class Limits(BaseModel):
    """How much a translation may take: bytes, seconds, numbers."""

    allow_internal_urls: bool = False
    download_seconds: float = 20.0
    seconds: float = 60.0
    document_bytes: int = 1024 * 1024
    imports: int = 20
    archive_bytes: int = 10 * 1024 * 1024
    expanded_bytes: int = 50 * 1024 * 1024
    archive_files: int = 1000


class Order(BaseModel):
    """One translation: a template, its URL, or the URL of an archive, and values for the inputs."""

    tosca: Document | str = {}
    csar: str | None = None
    inputs: Document = {}
    limits: Limits = Limits()


class Outcome(BaseModel):
    """The objects and a digest of what they came from, or why there are none."""

    manifest: list[Document] = []
    digest: str = ""
    problem: str = ""
    passing: bool = False
