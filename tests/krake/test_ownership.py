"""The graph of owners: whatever it looks like, everything goes, and children before parents."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from krake.ownership import Node, blockers, deletion_order, dependents, descendants, node_of

Graph = dict[Node, frozenset[Node]]


def n(name: str) -> Node:
    return Node("Application", "testing", name)


def graph(**owners: str) -> Graph:
    """Each resource with its owners' names, one letter each."""
    return {n(name): frozenset(map(n, named)) for name, named in owners.items()}


NAMES = [n(letter) for letter in "abcdefgh"]
GRAPHS = st.dictionaries(
    st.sampled_from(NAMES), st.frozensets(st.sampled_from([*NAMES, n("ghost")]), max_size=4), max_size=8
)


def in_one_circle(owners: Graph, one: Node, other: Node) -> bool:
    """Whether each of the two goes with the other."""
    return other in descendants(owners, [one]) and one in descendants(owners, [other])


def test_children_go_before_parents() -> None:
    owners = graph(cloud="", cluster="", app="")
    owners |= {n("cluster"): frozenset({n("cloud")}), n("app"): frozenset({n("cluster")})}
    assert deletion_order(owners, [n("cloud")]) == [[n("app")], [n("cluster")], [n("cloud")]]
    assert deletion_order(owners, [n("cluster")]) == [[n("app")], [n("cluster")]]


def test_a_diamond_is_no_circle() -> None:
    owners = graph(a="", b="a", c="a", d="bc")
    assert deletion_order(owners, [n("a")]) == [[n("d")], [n("b"), n("c")], [n("a")]]
    assert blockers(owners, n("a")) == [n("b"), n("c")]


def test_nobody_waits_inside_of_a_circle_and_its_owner_waits_for_all_of_it() -> None:
    owners = graph(a="c", b="a", c="bz", z="")
    assert blockers(owners, n("a")) == blockers(owners, n("b")) == blockers(owners, n("c")) == []
    assert deletion_order(owners, [n("z")]) == [[n("a"), n("b"), n("c")], [n("z")]]
    assert deletion_order(owners, [n("b")]) == [[n("a"), n("b"), n("c")]]


def test_an_own_owner_and_a_missing_one_do_no_harm() -> None:
    owners = graph(a="ax")
    assert blockers(owners, n("a")) == []
    assert deletion_order(owners, [n("a")]) == [[n("a")]]
    assert dependents(owners, n("x")) == [n("a")]


def test_a_reference_without_namespace_names_a_global_resource() -> None:
    assert node_of({"api": "i", "kind": "GlobalCloud", "name": "c", "namespace": None}) == Node(
        "GlobalCloud", "", "c"
    )


@given(owners=GRAPHS, roots=st.lists(st.sampled_from(NAMES), min_size=1, max_size=3))
def test_everything_goes_once_and_children_first(owners: Graph, roots: list[Node]) -> None:
    steps = deletion_order(owners, roots)
    order = [node for step in steps for node in step]
    assert len(order) == len(set(order))
    assert set(order) == descendants(owners, roots) >= set(roots)
    gone_at = {node: number for number, step in enumerate(steps) for node in step}
    for child, named in owners.items():
        for owner in named & gone_at.keys():
            assert gone_at[child] < gone_at[owner] or in_one_circle(owners, child, owner)


@given(owners=GRAPHS, data=st.data())
def test_whoever_goes_whenever_it_may_the_deletion_ends(owners: Graph, data: st.DataObject) -> None:
    """As lifecycles do it: each looks at what is left, and goes when nothing that it waits for is there."""
    left = descendants(owners, [NAMES[0]])
    there = dict(owners)
    while left:
        free = sorted(node for node in left if not set(blockers(there, node)) & left)
        assert free, f"everybody waits: {left}"
        gone = data.draw(st.sampled_from(free))
        left.discard(gone)
        there.pop(gone, None)


@given(owners=GRAPHS, data=st.data())
def test_the_order_depends_on_the_graph_alone(owners: Graph, data: st.DataObject) -> None:
    shuffled = dict(data.draw(st.permutations(list(owners.items()))))
    assert deletion_order(shuffled, [NAMES[0]]) == deletion_order(owners, [NAMES[0]])
