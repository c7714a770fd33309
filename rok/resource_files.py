"""Files with Krake's own resources: several documents of several kinds, YAML or JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rok.catalogue import COLLECTIONS, named, of_document
from rok.documents import read_documents, title_of
from rok.errors import ExitCode, RokError
from rok.manifests import check_sendable
from rok.resources import Collection
from rok.session import Session

Document = dict[str, Any]

_ENDINGS = (".yaml", ".yml", ".json")


@dataclass(frozen=True, slots=True)
class Item:
    """One resource of a file."""

    collection: Collection
    document: Document
    namespace: str
    place: str
    """Where it comes from, for messages."""

    @property
    def name(self) -> str:
        """The resource's name."""
        return str(self.document["metadata"]["name"])

    @property
    def title(self) -> str:
        """The resource as lists of results name it."""
        return f"{self.collection.kind.lower()}/{self.name}"

    @property
    def path(self) -> str:
        """The resource's path in the REST API."""
        return self.collection.path(self.namespace, self.name)

    @property
    def identity(self) -> Document:
        """What tells it apart, for programs."""
        namespace = self.namespace if self.collection.namespaced else None
        return {"kind": self.collection.kind, "namespace": namespace, "name": self.name}


def read_items(session: Session, sources: Sequence[str]) -> list[Item]:
    """Every resource in the files; a folder stands for the YAML and JSON files in it.

    Nothing is done before all of them can be read.

    Raises:
        RokError: a file cannot be read, or a document is no resource of Krake.
    """
    items = [item for source in _files(sources) for item in _read(session, source)]
    if not items:
        raise RokError(
            f"{', '.join(map(title_of, sources))} holds no resource",
            code=ExitCode.REFUSED,
            why="A resource has api, kind, metadata with a name, and spec",
        )
    return items


def named_items(session: Session, kind: str, names: Sequence[str]) -> list[Item]:
    """The resources of a kind with these names.

    Raises:
        RokError: there is no such kind.
    """
    collection = named(kind)
    return [Item(collection, {"metadata": {"name": name}}, session.namespace, kind) for name in names]


def _files(sources: Sequence[str]) -> Iterator[str]:
    for source in sources:
        if source != "-" and Path(source).is_dir():
            yield from sorted(str(file) for file in Path(source).iterdir() if file.suffix in _ENDINGS)
        else:
            yield source


def _read(session: Session, source: str) -> Iterator[Item]:
    documents = read_documents(source)
    check_sendable(documents, source)
    for index, document in enumerate(documents, start=1):
        for entry in _opened(document):
            yield _item(session, entry, f"{title_of(source)}, document {index}")


def _opened(document: Any) -> Iterator[Any]:
    """The resources in a document: those of a list, as `rok get -o yaml` writes it, each for itself."""
    if isinstance(document, list):
        for entry in document:
            yield from _opened(entry)
    elif isinstance(document, dict) and isinstance(document.get("items"), list) and "spec" not in document:
        for entry in document["items"]:
            yield from _opened(entry)
    else:
        yield document


def _item(session: Session, document: Any, place: str) -> Item:
    collection = _collection(document, place)
    metadata = document.get("metadata")
    name = metadata.get("name") if isinstance(metadata, dict) else None
    if not isinstance(name, str) or not name:
        raise _refuse(place, f"The {collection.noun} has no metadata.name")
    namespace = metadata.get("namespace") or session.namespace
    chosen = session.namespace_option
    if chosen and namespace != chosen and collection.namespaced:
        raise _refuse(
            place, f"It is in the namespace {namespace}, and -n says {chosen}", "Leave one of them out"
        )
    return Item(collection, document, str(namespace), place)


def _collection(document: Any, place: str) -> Collection:
    if not isinstance(document, dict) or not isinstance(document.get("kind"), str):
        raise _refuse(place, "A resource has api, kind, metadata with a name, and spec")
    if "apiVersion" in document:
        raise _refuse(
            place,
            f"It is a Kubernetes object ({document['kind']}), and Krake deploys those as applications",
            "Create one with `rok kube app create NAME -f FILE`",
        )
    collection = of_document(document.get("api"), document["kind"])
    if collection is None:
        known = ", ".join(collection.kind for collection in COLLECTIONS)
        title = f"{document['api']}/{document['kind']}" if document.get("api") else document["kind"]
        raise _refuse(place, f"There is no kind {title}", f"There are: {known}")
    return collection


def _refuse(place: str, why: str, fix: str = "") -> RokError:
    return RokError(f"{place} is no resource that can be used", code=ExitCode.REFUSED, why=why, fix=fix)
