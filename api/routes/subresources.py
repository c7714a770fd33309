"""`status` and `binding`: what Krake's controllers called, for clients that call it, too."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from api.answers import resource_response
from api.bindings import bind_application, bind_cluster
from api.body import read_document, read_model
from api.deps import info, services
from api.magnum_bindings import bind_magnum_cluster
from api.openapi import answers, body_of, problems
from api.parameters import refuse_unknown
from api.scope import scoped
from api.statuses import WITH_STATUS, report
from krake.models.bindings import CloudBinding, ClusterBinding
from krake.models.kinds import APPLICATION, CLUSTER, MAGNUM_CLUSTER, Kind
from krake.models.openstack import MagnumClusterBinding

router = APIRouter()


class StatusRoute:
    """The route to one kind's statuses."""

    def __init__(self, kind: Kind) -> None:
        self._kind = kind
        self.router = APIRouter(tags=[kind.plural])
        self.router.add_api_route(
            f"{kind.collection}/{{name}}/status",
            scoped(kind, self.update),
            methods=["PUT"],
            summary=f"Report the status of one {kind.word}",
            operation_id=f"report{kind.name}Status",
            responses=answers(kind.model, f"The {kind.word} as it is now.")
            | problems(400, 404, 409, 413, 415, 422, 503),
            openapi_extra=body_of(kind),
        )

    async def update(self, request: Request, namespace: str, name: str) -> Response:
        """Take over what a client saw. The body is a whole resource; all but its status is ignored.

        Of the status, what Krake decides itself is ignored as well. What is reported holds until Krake's own
        observer looks again.
        """
        refuse_unknown(request)
        found = services(request)
        document = await read_document(request, found.settings.api_max_body_bytes)
        record = await report(found, info(request), self._kind, namespace, name, document)
        return await resource_response(found, record)


@router.put(
    f"{APPLICATION.collection}/{{name}}/binding",
    tags=[APPLICATION.plural],
    summary="Ask for one application to be on a cluster",
    operation_id="bindApplication",
    responses=answers(APPLICATION.model, "The application; its placement or move is asked for.")
    | problems(400, 404, 409, 413, 415, 422, 503),
    openapi_extra=body_of(ClusterBinding),
)
async def application_binding(request: Request, namespace: str, name: str) -> Response:
    """An application that runs moves there, one that does not is placed there, if it fits."""
    refuse_unknown(request)
    found = services(request)
    binding = await read_model(request, ClusterBinding, found.settings.api_max_body_bytes)
    record = await bind_application(found, info(request), namespace, name, binding)
    return await resource_response(found, record)


@router.put(
    f"{CLUSTER.collection}/{{name}}/binding",
    tags=[CLUSTER.plural],
    summary="Say on which cloud one cluster is",
    operation_id="bindCluster",
    responses=answers(CLUSTER.model, "The cluster as it is now.") | problems(400, 404, 413, 415, 422, 503),
    openapi_extra=body_of(CloudBinding),
)
async def cluster_binding(request: Request, namespace: str, name: str) -> Response:
    """Notes the cloud in `status.scheduled_to` and among the owners."""
    refuse_unknown(request)
    found = services(request)
    binding = await read_model(request, CloudBinding, found.settings.api_max_body_bytes)
    record = await bind_cluster(found, info(request), namespace, name, binding)
    return await resource_response(found, record)


@router.put(
    f"{MAGNUM_CLUSTER.collection}/{{name}}/binding",
    tags=[MAGNUM_CLUSTER.plural],
    summary="Say in which project one Magnum cluster is made",
    operation_id="bindMagnumCluster",
    responses=answers(MAGNUM_CLUSTER.model, "The Magnum cluster as it is now.")
    | problems(400, 404, 409, 413, 415, 422, 503),
    openapi_extra=body_of(MagnumClusterBinding),
)
async def magnum_cluster_binding(request: Request, namespace: str, name: str) -> Response:
    """Notes the project, also among the owners, and the template. What is made stays where it is."""
    refuse_unknown(request)
    found = services(request)
    binding = await read_model(request, MagnumClusterBinding, found.settings.api_max_body_bytes)
    record = await bind_magnum_cluster(found, info(request), namespace, name, binding)
    return await resource_response(found, record)


def subresources() -> list[APIRouter]:
    """All routes of this module."""
    return [*(StatusRoute(kind).router for kind in WITH_STATUS), router]
