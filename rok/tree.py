"""`rok tree`: which cluster has which applications, what owns what, and what is wrong with it."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import click

from rok.actions import visible
from rok.catalogue import COLLECTIONS, named
from rok.client import Client
from rok.formats import explanation
from rok.hints import hints
from rok.output import as_text
from rok.resources import APPLICATIONS, CLUSTERS, Collection
from rok.session import Session
from rok.tables import STATE_STYLES, colour_wanted

Document = dict[str, Any]
Key = tuple[str, str, str]
"""Kind, namespace and name."""

WELL = frozenset({"RUNNING", "ONLINE", "COMPLETED"})


@dataclass(slots=True)
class Branch:
    """One resource, or one object on a cluster, with what belongs to it."""

    kind: str
    name: str
    namespace: str | None = None
    state: str = ""
    note: str = ""
    """What is wrong, or what is worth knowing."""
    children: list[Branch] = field(default_factory=list)

    def as_document(self) -> Document:
        """This branch for programs."""
        return {
            "kind": self.kind,
            "namespace": self.namespace,
            "name": self.name,
            "state": self.state,
            "note": self.note,
            "children": [child.as_document() for child in self.children],
        }


def show_tree(session: Session, word: str | None, name: str | None, *, everywhere: bool) -> None:
    """Show the tree of a namespace, of all, or what is above and below one resource.

    Raises:
        RokError: there is no such resource.
    """
    client = session.connect()
    chosen = _chosen(session, client, word, name)
    namespace = None if everywhere else session.namespace
    documents = [
        document
        for collection in COLLECTIONS
        if collection in (APPLICATIONS, CLUSTERS) or chosen is not None
        for document in visible(client, collection, namespace)
    ]
    roots = _roots(documents, details=chosen is not None)
    if chosen is not None:
        roots = [narrowed for root in roots if (narrowed := _around(root, chosen))]
    if not session.for_people:
        click.echo(as_text({"items": [root.as_document() for root in roots]}, session.output))
        return
    if not roots:
        click.echo("There are neither clusters nor applications", err=True)
    for root in roots:
        for line in _drawn(root, session.namespace):
            click.echo(line)


def _chosen(session: Session, client: Client, word: str | None, name: str | None) -> Key | None:
    if word is None or name is None:
        return None
    collection = named(word)
    with hints(session, client, collection, name):
        client.get(collection.path(session.namespace, name))
    return _key(collection, session.namespace, name)


def _key(collection: Collection, namespace: str, name: str) -> Key:
    return collection.kind, namespace if collection.namespaced else "", name


def _roots(documents: Sequence[Document], *, details: bool) -> list[Branch]:
    """The branches that nothing else holds; each resource is under every resource that owns it."""
    branches = {_key_of(document): _branch(document, details=details) for document in documents}
    owned: set[Key] = set()
    for document in documents:
        key = _key_of(document)
        for owner in _owners(document):
            if owner in branches and owner != key and not _holds(branches[key], branches[owner]):
                branches[owner].children.insert(0, branches[key])
                owned.add(key)
    roots = [branch for key, branch in branches.items() if key not in owned]
    for branch in branches.values():
        branch.children.sort(key=lambda child: (child.kind, child.name))
    return sorted(roots, key=lambda root: (root.kind != "Cluster", root.namespace or "", root.name))


def _holds(branch: Branch, wanted: Branch) -> bool:
    """Whether `wanted` is in the branch already: owners may name each other in a circle."""
    return branch is wanted or any(_holds(child, wanted) for child in branch.children)


def _key_of(document: Document) -> Key:
    metadata = document["metadata"]
    return document["kind"], metadata.get("namespace") or "", metadata["name"]


def _owners(document: Document) -> set[Key]:
    """What owns the resource; for an application also the clusters that it is on and goes to."""
    status = document.get("status") or {}
    bound = [status.get("running_on"), status.get("scheduled_to")]
    references = [*document["metadata"].get("owners", []), *filter(None, bound)]
    return {(ref["kind"], ref.get("namespace") or "", ref["name"]) for ref in references}


def _branch(document: Document, *, details: bool) -> Branch:
    metadata, status = document["metadata"], document.get("status") or {}
    branch = Branch(document["kind"], metadata["name"], metadata.get("namespace"), status.get("state") or "")
    branch.note = _note(document, status)
    if document["kind"] == APPLICATIONS.kind:
        branch.children = list(_objects(status.get("objects") or [], details=details))
    return branch


def _note(document: Document, status: Document) -> str:
    words = []
    if document["metadata"].get("deleted"):
        words.append("being deleted")
    if document["kind"] == CLUSTERS.kind:
        words += _of_cluster(document["spec"], status)
    if status.get("state") not in WELL and explanation(status):
        words.append(explanation(status))
    if status.get("migration"):
        words.append(f"moves to {status['migration']['target']['name']}")
    return ", ".join(words)


def _of_cluster(spec: Document, status: Document) -> Iterator[str]:
    place = status.get("running_on") or status.get("scheduled_to")
    if place:
        yield f"on {place['name']}"
    if spec.get("cordoned"):
        yield "cordoned"


def _objects(objects: Sequence[Document], *, details: bool) -> Iterator[Branch]:
    """The objects of an application; those that are well in one line, unless details are asked for."""
    well = [item for item in objects if item.get("ready")]
    for item in objects if details else [item for item in objects if not item.get("ready")]:
        state = "ready" if item.get("ready") else "not ready"
        yield Branch(item["kind"], item["name"], item.get("namespace"), state, item.get("message") or "")
    if well and not details:
        yield Branch("", f"{len(well)} object{'' if len(well) == 1 else 's'} ready")


def _around(branch: Branch, chosen: Key) -> Branch | None:
    """The branch reduced to what leads to the chosen resource, and all that is under it."""
    if (branch.kind, branch.namespace or "", branch.name) == chosen:
        return branch
    inside = [narrowed for child in branch.children if (narrowed := _around(child, chosen))]
    if not inside:
        return None
    return Branch(branch.kind, branch.name, branch.namespace, branch.state, branch.note, inside)


def _drawn(root: Branch, namespace: str) -> Iterator[str]:
    yield _words(root, namespace, "")
    yield from _below(root.children, "", root.namespace or namespace)


def _below(children: Iterable[Branch], indent: str, namespace: str) -> Iterator[str]:
    found = list(children)
    for index, child in enumerate(found):
        last = index == len(found) - 1
        yield _words(child, namespace, f"{indent}{'└─ ' if last else '├─ '}")
        yield from _below(child.children, f"{indent}{'   ' if last else '│  '}", child.namespace or namespace)


def _words(branch: Branch, namespace: str, indent: str) -> str:
    """The line of a branch; on a terminal the note is cut where the line ends."""
    foreign = branch.namespace not in (None, namespace)
    name = f"{branch.namespace}/{branch.name}" if foreign else branch.name
    head = "  ".join(filter(None, [f"{branch.kind} {name}".strip(), branch.state]))
    note = " ".join(branch.note.split())
    if sys.stdout.isatty():
        note = _cut(note, shutil.get_terminal_size().columns - len(indent) - len(head) - 2)
    return f"{indent}{_coloured(head, branch.state)}{'  ' if note else ''}{note}"


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: max(length - 1, 0)]}…"


def _coloured(head: str, state: str) -> str:
    style = STATE_STYLES.get(state)
    if style is None or not colour_wanted():
        return head
    coloured = click.style(state, fg=style.split()[-1], bold=style.startswith("bold"))
    return head[: -len(state)] + coloured
