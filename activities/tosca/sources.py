"""Where the documents of one translation come from, counted, bounded and digested."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from activities.tosca.archive import Archive
from activities.tosca.documents import load_yaml
from activities.tosca.order import Limits
from activities.tosca.problems import ToscaError
from krake.tosca import shown_url

if TYPE_CHECKING:
    from activities.tosca.download import Downloader


class Sources:
    """Downloads documents, or takes them out of an archive. What has been read makes up the digest."""

    def __init__(self, limits: Limits) -> None:
        self.archive: Archive | None = None
        self._limits = limits
        self._known_downloader: Downloader | None = None
        self._digest = hashlib.sha256()
        self._imports = 0

    @property
    def digest(self) -> str:
        """SHA-256 of everything read so far."""
        return self._digest.hexdigest()

    @property
    def _downloader(self) -> Downloader:
        """Made when first needed: loading the HTTP client takes as long as a whole translation."""
        from activities.tosca.download import Downloader

        self._known_downloader = self._known_downloader or Downloader(self._limits)
        return self._known_downloader

    def note(self, content: Any) -> None:
        """Let plain data count in the digest."""
        self._digest.update(json.dumps(content, sort_keys=True).encode())

    def template(self, url: str) -> Any:
        """The template behind a URL."""
        return self._downloaded(url)

    def open_archive(self, url: str) -> str:
        """Fetch the archive, and return the path of its template."""
        content = self._downloader.fetch(url, self._limits.archive_bytes)
        self._digest.update(content)
        self.archive = Archive(content, self._limits)
        return self.archive.entry()

    def document(self, place: str) -> Any:
        """An imported document: a path in the archive if there is one, else a URL.

        Raises:
            ToscaError: there are more imports than allowed, or it cannot be had or read.
        """
        self._imports += 1
        if self._imports > self._limits.imports:
            raise ToscaError(f"The template imports more than {self._limits.imports} documents")
        return self._downloaded(place) if self.archive is None else self.member(place)

    def member(self, path: str) -> Any:
        """A document of the archive."""
        if self.archive is None:
            raise ToscaError("There is no archive")
        content = self.archive.read(path)
        return load_yaml(content, f'"{path}" in the CSAR archive', self._limits.document_bytes)

    def _downloaded(self, url: str) -> Any:
        content = self._downloader.fetch(url, self._limits.document_bytes)
        self._digest.update(content)
        return load_yaml(content, f"The document at {shown_url(url)}", self._limits.document_bytes)
