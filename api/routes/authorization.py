"""Asking what one may do."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from api.answers import items_response, json_response
from api.authorization.needs import Need
from api.authorization.refusals import refusal
from api.authorization.routes import exempt
from api.authorization.rules import Rule
from api.deps import info, services
from api.openapi import answers, problems
from api.parameters import refuse_unknown
from api.problems import invalid_field
from krake.models.access import AccessReview, PermissionList
from krake.models.permissions import ANY, RESOURCES, VERBS, WILDCARDS, Verb, apis_of, nearest

router = APIRouter(tags=["authorization"])

ABOUT_ONESELF = "it tells the caller about themselves"

AskedVerb = Annotated[str, Query(description="What is to be done: `get`, `list`, `create` …")]
AskedResource = Annotated[
    str,
    Query(description="`applications`, `kubernetes/applications`, `applications/status`, or `*` for all."),
]
AskedNamespace = Annotated[
    str | None, Query(alias="namespace", description="Where; in all namespaces where it is not given.")
]


@router.get(
    "/authorization/can-i",
    summary="May I do this",
    operation_id="canI",
    responses=answers(AccessReview, "Whether, and where not, why.") | problems(422, 503),
)
@exempt(ABOUT_ONESELF)
async def can_i(
    request: Request, verb: AskedVerb, resource: AskedResource, namespace: AskedNamespace = None
) -> Response:
    """Answers as the request itself would be answered; nothing is done."""
    refuse_unknown(request, frozenset({"verb", "resource", "namespace"}))
    need = _need(verb, resource)
    user, authorizer = info(request).user, services(request).authorizer
    reach = await authorizer.reach(user, need)
    if need.is_global:
        namespace = None
    partly = need.verb in (Verb.LIST_ALL, Verb.WATCH_ALL)
    allowed = namespace in reach if namespace is not None else reach.everywhere or (partly and bool(reach))
    review = AccessReview(
        allowed=allowed,
        user=user.name,
        verb=need.verb,
        resource=need.words,
        namespace=namespace,
        namespaces=[ANY] if reach.everywhere else sorted(reach.names),
        reason="" if allowed else refusal(user, need, namespace).detail,
    )
    return json_response(review.model_dump(mode="json"))


@router.get(
    "/authorization/permissions",
    summary="What may I do",
    operation_id="listMyPermissions",
    responses=answers(PermissionList, "What the caller's roles allow.") | problems(422, 503),
)
@exempt(ABOUT_ONESELF)
async def my_permissions(request: Request, namespace: AskedNamespace = None) -> Response:
    """What the caller's roles allow, with `namespace` there only. Rules that allow nothing are left out."""
    refuse_unknown(request, frozenset({"namespace"}))
    user, authorizer = info(request).user, services(request).authorizer
    if authorizer.is_unlimited(user):
        return items_response("PermissionList", [_EVERYTHING])
    found = (await authorizer.grants(user)).rules if authorizer.asks_roles else ()
    shown = [rule.shown() for rule in found if _counts(rule, namespace)]
    return items_response("PermissionList", shown)


_EVERYTHING: dict[str, Any] = {"api": ANY, "resources": [ANY], "namespaces": [ANY], "verbs": [ANY]}


def _counts(rule: Rule, namespace: str | None) -> bool:
    here = bool(rule.reach) if namespace is None else namespace in rule.reach
    return here or rule.names_global


def _need(verb: str, resource: str) -> Need:
    """The need that somebody asks about.

    Raises:
        ProblemError: 422, there is no such verb or resource.
    """
    if verb not in [*VERBS, ANY]:
        raise invalid_field("verb", f"Unknown verb {verb[:60]!r}. There are: {', '.join(VERBS)}")
    api, slash, rest = resource.partition("/")
    if not slash or (api not in RESOURCES and api not in WILDCARDS):
        api, rest = ANY, resource
    if rest in WILDCARDS:
        return Need(Verb(verb), api or ANY, ANY)
    found = list(apis_of(rest, api))
    if not found:
        raise invalid_field("resource", f"Unknown resource {resource[:100]!r}. {nearest(rest[:100], api)}")
    return Need.of(Verb(verb), found[0], rest)
