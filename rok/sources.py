"""What an application is made of: a Kubernetes manifest, a TOSCA template or a CSAR archive."""

from __future__ import annotations

from typing import Any

import click

from krake.tosca import VERSION_FIELD, UrlKind, shown_url, url_kind
from rok.documents import read_documents, title_of
from rok.errors import ExitCode, RokError
from rok.manifests import check_sendable, inject, manifest_of

Document = dict[str, Any]
Pairs = tuple[tuple[str, str], ...]

UNDEFINED = (
    "Application should be defined by a TOSCA template file or a Kubernetes manifest file via the `--file` "
    "optional argument or a TOSCA template URL or CSAR URL via the `--url` optional argument."
)
_WRONG_URL = (
    "Application should be defined by a TOSCA template URL with `.yaml` or `.yml` suffix or a CSAR archive "
    "URL with `.csar` or `.zip` suffix."
)


def read_source(file: str | None, url: str | None, values: Pairs, inputs: Pairs) -> Document | None:
    """The fields of the spec that the options ask for; the other sources of before are emptied.

    Args:
        file: a manifest or a TOSCA template; `-` is standard input.
        url: where Krake finds a TOSCA template or a CSAR archive.
        values: what is to be injected into a manifest.
        inputs: values for the inputs of a template.

    Returns:
        The fields, or None where neither a file nor a URL is given.

    Raises:
        click.UsageError: the options do not go together.
        RokError: the file cannot be read, or holds neither a manifest nor a template.
    """
    if file is not None and url is not None:
        raise click.UsageError("--file and --url exclude each other")
    if url is not None:
        _require_manifest(values)
        return _at(url)
    if file is None:
        return None
    documents = read_documents(file)
    if documents and isinstance(documents[0], dict) and VERSION_FIELD in documents[0]:
        _require_manifest(values)
        return {"manifest": [], "tosca": _template(documents, file), "csar": None}
    if inputs:
        raise click.UsageError(f"--tosca-input needs a TOSCA template, and {title_of(file)} is none")
    return {"manifest": _manifest(documents, file, values), "tosca": {}, "csar": None, "tosca_inputs": {}}


def _at(url: str) -> Document:
    match url_kind(url):
        case UrlKind.TOSCA:
            return {"manifest": [], "tosca": url, "csar": None}
        case UrlKind.CSAR:
            return {"manifest": [], "tosca": {}, "csar": url}
        case _:
            raise click.UsageError(_WRONG_URL)


def _require_manifest(values: Pairs) -> None:
    if values:
        raise click.UsageError("--inject needs a Kubernetes manifest; a template takes --tosca-input")


def _template(documents: list[Any], file: str) -> Document:
    if len(documents) > 1:
        raise RokError(
            f"{title_of(file)} holds more than a TOSCA template",
            code=ExitCode.REFUSED,
            why="The template has to be the only document of its file",
        )
    check_sendable(documents, file)
    template: Document = documents[0]
    return template


def _manifest(documents: list[Any], file: str, values: Pairs) -> list[Document]:
    """The manifest's objects with values injected; a key that is nowhere is worth a warning."""
    objects = manifest_of(documents, file)
    missing = sorted(dict(values).keys() - inject(objects, dict(values)))
    if missing:
        click.echo(f"Warning: no environment variable has the value {', '.join(missing)}", err=True)
    return objects


def definition(spec: Document, status: Document) -> str:
    """What the application is made of, in a few words."""
    tosca, csar = spec.get("tosca"), spec.get("csar")
    if spec.get("manifest") or not (tosca or csar):
        return "manifest"
    if isinstance(tosca, str) and tosca:
        source = f"TOSCA template {shown_url(tosca)}"
    else:
        source = "TOSCA template" if tosca else f"CSAR archive {shown_url(csar or '')}"
    translated = status.get("translated_manifest")
    return f"{source}, {translated['count']} objects" if translated else f"{source}, not translated yet"
