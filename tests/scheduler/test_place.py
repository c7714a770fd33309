"""Placement by example: who is chosen, and what the user is told."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from krake.models.application import Application
from krake.models.cluster import Cluster, ClusterState
from krake.models.metadata import ResourceRef
from scheduler.columns import Snapshot
from scheduler.decide import decide as fast
from scheduler.decision import Considered, Decision
from scheduler.filters import FILTERS, Verdict
from scheduler.place import place
from scheduler.snapshot import Candidate, Request
from tests.scheduler.strategies import NAMESPACE, NOW, application, cluster, decide


def chosen(decision: Decision) -> str | None:
    return decision.chosen.name if decision.chosen else None


def pick(request: Request, snapshot: Snapshot) -> str | None:
    """The name of the chosen one, without the explanation."""
    found = fast(request, snapshot, now=NOW, trigger="test").chosen
    return found.name if found else None


def entry(decision: Decision, name: str) -> Considered:
    return next(one for one in decision.candidates if one.cluster.name == name)


def test_the_cluster_with_the_wanted_label_is_chosen() -> None:
    decision = decide(application("location is IT"), cluster("de"), cluster("it", "IT"))
    assert decision.chosen == ResourceRef(api="kubernetes", kind="Cluster", namespace=NAMESPACE, name="it")
    assert decision.winner is not None
    assert decision.winner.uid == "uid-testing-it"
    assert decision.margin is None
    assert decision.summary == "it: the only cluster that fits"
    assert entry(decision, "de").refusal == "label location is DE, wanted IT"


def test_when_nothing_fits_the_summary_says_why_for_each_cluster() -> None:
    decision = decide(
        application("location is IT"), cluster("IT", "IT", state=ClusterState.OFFLINE), cluster("DE")
    )
    assert decision.chosen is None
    assert decision.winner is None
    assert decision.margin is None
    refusals = "DE (label location is DE, wanted IT); IT (OFFLINE, wanted ONLINE)"
    assert decision.summary == f"no cluster fits: {refusals}"
    assert [one.rank for one in decision.candidates] == [None, None]


def test_a_summary_names_ten_refused_clusters_at_most() -> None:
    names = [f"c{number:02}" for number in range(25)]
    decision = decide(application("location is IT"), *(cluster(name) for name in names))
    assert "c09" in decision.summary
    assert "c10" not in decision.summary
    assert decision.summary.endswith("; and 15 more")
    assert [one.cluster.name for one in decision.candidates] == names


def test_without_any_cluster_the_summary_says_so() -> None:
    assert decide(application()).summary == "no cluster fits: there is no cluster in namespace testing"


def test_clusters_of_other_namespaces_are_not_even_mentioned() -> None:
    decision = decide(application(), cluster("secret", namespace="other"))
    assert decision.chosen is None
    assert "secret" not in decision.model_dump_json()
    assert decision == decide(application())


@pytest.mark.parametrize("state", [state for state in ClusterState if state is not ClusterState.ONLINE])
def test_only_online_clusters_take_applications(state: ClusterState) -> None:
    decision = decide(application(), cluster("de", state=state))
    assert decision.summary == f"no cluster fits: de ({state.value}, wanted ONLINE)"


def test_a_cluster_being_deleted_takes_nothing() -> None:
    decision = decide(application(), cluster("de", deleted=True))
    assert decision.summary == "no cluster fits: de (being deleted, wanted one that stays)"


def test_every_reason_against_a_cluster_is_given() -> None:
    decision = decide(
        application("location is IT", "gpu exists"),
        cluster("de", state=ClusterState.NOTREADY, deleted=True),
    )
    assert entry(decision, "de").refusal == (
        "being deleted, wanted one that stays; also NOTREADY, wanted ONLINE; "
        "also label location is DE, wanted IT, label gpu is missing, wanted any value"
    )


@pytest.mark.parametrize(
    ("constraint", "reason"),
    [
        ("location is IT", "label location is DE, wanted IT"),
        ("location in (IT, SK)", "label location is DE, wanted IT or SK"),
        ("location != DE", "label location is DE, wanted any value but DE"),
        ("location not in (DE, SK)", "label location is DE, wanted any value but DE, SK"),
        ("location not exists", "label location is DE, wanted no such label"),
        ("tier is 1", "label tier is missing, wanted 1"),
        ("tier != 1", "label tier is missing, wanted any value but 1"),
        ("tier exists", "label tier is missing, wanted any value"),
    ],
)
def test_a_refused_label_is_told_with_its_value(constraint: str, reason: str) -> None:
    assert entry(decide(application(constraint), cluster("de")), "de").refusal == reason


def test_verdicts_of_a_passed_cluster_hold_the_values_too() -> None:
    decision = decide(application("location is DE", "gpu not exists"), cluster("de"))
    shown = {verdict.filter: verdict.reason for verdict in entry(decision, "de").verdicts}
    assert list(shown) == [filter_.name for filter_ in FILTERS]
    assert shown["deletion"] == "not being deleted"
    assert shown["state"] == "ONLINE"
    assert shown["migration"] == "no move needed"
    assert shown["labels"] == "label location is DE, label gpu is missing"


CRONTABS, WIDGETS = "crontabs.example.org", "widgets.example.org"


@pytest.mark.parametrize(
    ("declared", "served", "refusal"),
    [
        ({CRONTABS}, None, ""),
        (set(), None, "custom resource crontabs.example.org is not declared"),
        (set(), {CRONTABS}, ""),
        ({CRONTABS}, {CRONTABS}, ""),
        ({CRONTABS}, {WIDGETS}, "custom resource crontabs.example.org is declared but not there"),
        ({WIDGETS}, set(), "custom resource crontabs.example.org is missing"),
    ],
)
def test_custom_resources_are_those_really_there(
    declared: set[str], served: set[str] | None, refusal: str
) -> None:
    request = replace(application(), custom_resources=(CRONTABS,))
    has = None if served is None else frozenset(served)
    candidate = replace(cluster("de"), declared_resources=frozenset(declared), served_resources=has)
    decision = decide(request, candidate)
    assert entry(decision, "de").refusal == refusal
    assert chosen(decision) == (None if refusal else "de")


def test_requests_and_candidates_have_the_custom_resources_of_their_resources() -> None:
    manifest = [{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}}]
    constraints = {"cluster": {"custom_resources": [CRONTABS]}}
    spec = {"manifest": manifest, "constraints": constraints}
    app = Application.model_validate({"metadata": {"name": "a", "namespace": "testing"}, "spec": spec})
    assert Request.of(app).custom_resources == (CRONTABS,)


def test_an_application_stays_where_it_is() -> None:
    here, there = cluster("here"), cluster("there")
    for current, other in ((here, there), (there, here)):
        decision = decide(application(current=current), here, there)
        assert chosen(decision) == current.name
        assert decision.margin == pytest.approx(0.1)
        assert decision.summary == f"stays on {current.name}: score 0.1, 0.1 ahead of {other.name}"


def test_without_stickiness_an_application_does_not_move_for_nothing() -> None:
    here, there = cluster("here"), cluster("there")
    for current in (here, there):
        decision = decide(application(current=current), here, there, stickiness=0)
        assert chosen(decision) == current.name
        assert decision.margin == 0


def test_an_application_leaves_a_cluster_that_no_longer_fits() -> None:
    here = cluster("here", state=ClusterState.OFFLINE)
    decision = decide(application(current=here), here, cluster("there"))
    assert chosen(decision) == "there"


def test_an_application_that_may_not_migrate_goes_nowhere_else() -> None:
    here = cluster("here", state=ClusterState.OFFLINE)
    decision = decide(application(current=here, migration=False), here, cluster("there"))
    assert decision.summary == (
        "no cluster fits: here (OFFLINE, wanted ONLINE); "
        "there (migration is not allowed, and the application is on another cluster)"
    )
    assert chosen(decide(application(migration=False), cluster("there"))) == "there"


def test_a_tie_is_told() -> None:
    decision = decide(application(), cluster("a"), cluster("b"), cluster("c"))
    assert decision.margin == 0
    assert decision.summary.endswith(": 3 clusters fit equally well, chosen by the stable tie rule")


def test_ties_spread_over_the_clusters() -> None:
    names = ["a", "b", "c", "d"]
    snapshot = Snapshot(cluster(name) for name in names)
    picks = Counter(pick(application(name=f"app-{number}"), snapshot) for number in range(2000))
    assert set(picks) == set(names)
    assert all(400 < count < 600 for count in picks.values())


def test_a_new_cluster_draws_applications_to_itself_only() -> None:
    old = [cluster(name) for name in "abc"]
    few, many = Snapshot(old), Snapshot([*old, cluster("d")])
    for number in range(200):
        request = application(name=f"app-{number}")
        before, after = pick(request, few), pick(request, many)
        assert after in (before, "d")


def test_a_dry_run_before_the_application_exists_gives_the_same_answer() -> None:
    candidates = [cluster(name) for name in "abcdef"]
    for number in range(50):
        real = application(name=f"app-{number}")
        dry = Request(namespace=real.namespace, name=real.name, uid="")
        assert decide(dry, *candidates).candidates == decide(real, *candidates).candidates


def test_a_filter_can_be_added() -> None:
    class Short:
        name = "short"

        def verdict(self, application: Request, candidate: Candidate) -> Verdict:
            return Verdict(len(candidate.name) < 3, f"name has {len(candidate.name)} letters")

    decision = place(
        application(), [cluster("ab"), cluster("abc")], now=NOW, trigger="test", filters=[Short()]
    )
    assert chosen(decision) == "ab"
    assert entry(decision, "abc").refusal == "name has 3 letters"


def test_a_decision_is_stored_and_read_back_whole() -> None:
    decision = decide(application("location is DE"), cluster("a"), cluster("b"), cluster("it", "IT"))
    assert Decision.model_validate(decision.model_dump(mode="json")) == decision
    assert Decision.model_validate_json(decision.model_dump_json()) == decision
    assert (decision.at, decision.trigger, decision.uid) == (NOW, "test", "uid-app")


def test_stored_resources_become_request_and_candidate() -> None:
    manifest = [{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}}]
    app = Application.model_validate(
        {
            "metadata": {"name": "app", "namespace": "ns", "uid": "1"},
            "spec": {
                "manifest": manifest,
                "constraints": {"cluster": {"labels": ["a is b"]}, "migration": False},
            },
        }
    )
    kubeconfig = {
        "contexts": [{"name": "x", "context": {"user": "u", "cluster": "c"}}],
        "users": [{"name": "u", "user": {"token": "t"}}],
        "clusters": [{"name": "c", "cluster": {"server": "https://127.0.0.1"}}],
    }
    made = Cluster.model_validate(
        {
            "metadata": {"name": "c", "namespace": "ns", "uid": "2", "labels": {"a": "b"}},
            "spec": {"kubeconfig": kubeconfig},
            "status": {"state": "ONLINE"},
        }
    )
    request, candidate = Request.of(app, current="2"), Candidate.of(made)
    assert (request.current, request.migration, request.uid) == ("2", False, "1")
    decision = decide(request, candidate)
    assert decision.application == ResourceRef(
        api="kubernetes", kind="Application", namespace="ns", name="app"
    )
    assert chosen(decision) == "c"
    assert decision.summary == "stays on c: the only cluster that fits"
