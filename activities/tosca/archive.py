"""CSAR archives: ZIP files that are looked into and never unpacked to a disk."""

from __future__ import annotations

import io
import posixpath
import stat
import zipfile
import zlib

from activities.tosca.documents import load_yaml
from activities.tosca.order import Limits
from activities.tosca.problems import ToscaError
from krake.tosca import VERSION_FIELD

META = "TOSCA-Metadata/TOSCA.meta"
_ENTRY = "Entry-Definitions"
_ENCRYPTED = 0x1


class Archive:
    """An archive whose every member was checked before any of them is read."""

    def __init__(self, content: bytes, limits: Limits) -> None:
        """Open the archive.

        Raises:
            ToscaError: it is no ZIP file, too large, or holds something that would lead out of it.
        """
        self._limits = limits
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(content))
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
            raise ToscaError("The CSAR archive is not a valid zip file") from error
        members = self._zip.infolist()
        if len(members) > limits.archive_files:
            raise ToscaError(f"The CSAR archive holds more than {limits.archive_files} files")
        self._members: dict[str, zipfile.ZipInfo] = {}
        for member in members:
            self._admit(member)
        if sum(member.file_size for member in members) > limits.expanded_bytes:
            raise ToscaError(f"The CSAR archive is larger than {limits.expanded_bytes} bytes when unpacked")

    def _admit(self, member: zipfile.ZipInfo) -> None:
        name = member.orig_filename
        parts = name.rstrip("/").split("/")
        kind = stat.S_IFMT(member.external_attr >> 16)
        if "\\" in name or "\0" in name or ":" in parts[0] or any(part in ("", ".", "..") for part in parts):
            raise ToscaError(f"The CSAR archive holds {_quoted(name)}, a path that could lead out of it")
        if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise ToscaError(f"The CSAR archive holds {_quoted(name)}, which is a link or a special file")
        if member.flag_bits & _ENCRYPTED:
            raise ToscaError(f"The CSAR archive holds {_quoted(name)}, which is encrypted")
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            # The others write out what a block expands to, whatever size was declared.
            raise ToscaError(f"The CSAR archive holds {_quoted(name)}, whose compression is not deflate")
        if member.is_dir():
            return
        if name in self._members:
            raise ToscaError(f"The CSAR archive holds {_quoted(name)} twice")
        self._members[name] = member

    def holds(self, path: str) -> bool:
        """Whether there is such a file."""
        return path in self._members

    def read(self, path: str) -> bytes:
        """The content of a file that the archive holds.

        Raises:
            ToscaError: it is too large for a document, or damaged.
        """
        member = self._members[path]
        if member.file_size > self._limits.document_bytes:
            raise ToscaError(f"{_quoted(path)} is larger than {self._limits.document_bytes} bytes")
        try:
            with self._zip.open(member) as file:
                return file.read(self._limits.document_bytes + 1)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError) as error:
            raise ToscaError(f"{_quoted(path)} in the CSAR archive cannot be unpacked") from error

    def entry(self) -> str:
        """The path of the template that the archive is about.

        Raises:
            ToscaError: the archive does not say, or names what it does not hold.
        """
        if not self.holds(META):
            return self._only_template()
        meta = load_yaml(self.read(META), f'"{META}"', self._limits.document_bytes)
        entry = meta.get(_ENTRY) if isinstance(meta, dict) else None
        if not isinstance(entry, str) or not entry:
            raise ToscaError(f'The CSAR archive is missing the required metadata "{_ENTRY}" in "{META}"')
        path = posixpath.normpath(entry)
        if not self.holds(path):
            raise ToscaError(f'The "{_ENTRY}" file {_quoted(entry)} of the CSAR archive does not exist')
        return path

    def _only_template(self) -> str:
        """Without metadata the one template at the top counts, from version 1.1 of TOSCA on."""
        found = [name for name in self._members if "/" not in name and name.endswith((".yaml", ".yml"))]
        if len(found) != 1:
            raise ToscaError(
                "The CSAR archive should contain only one root level yaml file, or the file "
                f'"TOSCA.meta" in the folder "TOSCA-Metadata". Found "{len(found)}" yaml file(s)'
            )
        template = load_yaml(self.read(found[0]), _quoted(found[0]), self._limits.document_bytes)
        if isinstance(template, dict) and template.get(VERSION_FIELD) == "tosca_simple_yaml_1_0":
            raise ToscaError(
                "The archive is not a valid CSAR as it does not contain the required file "
                '"TOSCA.meta" in the folder "TOSCA-Metadata"'
            )
        return found[0]


def _quoted(name: str) -> str:
    """A name out of an archive, harmless to show."""
    shown = "".join(character if character.isprintable() else "?" for character in name[:200])
    return f'"{shown}"'
