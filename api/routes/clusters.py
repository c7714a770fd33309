"""What users ask of a cluster beyond its spec: cordon, drain, try again, new credentials."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from api import made_clusters
from api.answers import resource_response
from api.cordoning import cordon, drain, uncordon
from api.deps import info, services
from api.openapi import answers, problems
from api.parameters import refuse_unknown
from krake.models.cluster import Cluster

router = APIRouter(tags=["clusters"])

_ONE = "/kubernetes/namespaces/{namespace}/clusters/{name}"
_RESPONSES = answers(Cluster, "The cluster as it is now.") | problems(404, 409, 422, 503)


@router.put(
    f"{_ONE}/cordon",
    summary="Place nothing new on one cluster",
    operation_id="cordonCluster",
    responses=_RESPONSES,
)
async def cordon_cluster(request: Request, namespace: str, name: str) -> Response:
    """The applications that are there stay."""
    refuse_unknown(request)
    record = await cordon(services(request), info(request), namespace, name)
    return await resource_response(services(request), record)


@router.put(
    f"{_ONE}/uncordon",
    summary="Place applications on one cluster again",
    operation_id="uncordonCluster",
    responses=_RESPONSES,
)
async def uncordon_cluster(request: Request, namespace: str, name: str) -> Response:
    """Ends a draining, too; applications that have not begun to move stay."""
    refuse_unknown(request)
    record = await uncordon(services(request), info(request), namespace, name)
    return await resource_response(services(request), record)


@router.put(
    f"{_ONE}/drain",
    summary="Move all applications off one cluster",
    operation_id="drainCluster",
    responses=_RESPONSES,
)
async def drain_cluster(request: Request, namespace: str, name: str) -> Response:
    """Cordons the cluster and moves its applications; those that fit nowhere else stay until they do."""
    refuse_unknown(request)
    record = await drain(services(request), info(request), namespace, name)
    return await resource_response(services(request), record)


@router.put(
    f"{_ONE}/retry",
    summary="Try again to make or change one cluster",
    operation_id="retryCluster",
    responses=_RESPONSES,
)
async def retry_cluster(request: Request, namespace: str, name: str) -> Response:
    """For one that Krake makes, after that has failed; what was made is found and used again."""
    refuse_unknown(request)
    record = await made_clusters.retry(services(request), info(request), namespace, name)
    return await resource_response(services(request), record)


@router.put(
    f"{_ONE}/rotate-credentials",
    summary="Fetch new credentials of one cluster",
    operation_id="rotateClusterCredentials",
    responses=_RESPONSES,
)
async def rotate_cluster_credentials(request: Request, namespace: str, name: str) -> Response:
    """For one that Krake made: its cloud issues a new kubeconfig, with which the cluster is reached from then
    on. Krake does so by itself before they end."""
    refuse_unknown(request)
    record = await made_clusters.rotate(services(request), info(request), namespace, name)
    return await resource_response(services(request), record)
