"""The manifest of an application as it is applied on one cluster: with what its hooks need."""

from __future__ import annotations

from typing import Any

from activities.hooks.injection import Injection, inject
from activities.store.manifests import manifest_of, manifest_to_apply
from activities.waking import target_of
from krake.hooks.certificates import Authority, Issued, utc_now
from krake.hooks.options import endpoint_of, hook_url, options_of
from krake.hooks.tokens import ensure_token, read_tokens
from krake.messages.base import Target
from krake.models.hooks import HookName
from krake.settings import Settings
from krake.store import Record, Store, Transaction

Document = dict[str, Any]


class EffectiveManifests:
    """Resolves manifests. The tokens in them are secrets: they go to the cluster and nowhere else.

    Raises:
        KrakeError: the settings name certificates that cannot be used.
    """

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._settings = settings
        self._authority = Authority.load(settings)
        self._endpoint = endpoint_of(settings, tls=self._authority is not None)

    async def of(self, record: Record, cluster: Target, namespace: str) -> list[Document]:
        """The objects of an application on a cluster.

        Args:
            record: the application.
            cluster: where it is applied; each cluster's copy has tokens of its own.
            namespace: where objects go that name no namespace.
        """
        if not hooks_of(record):
            return manifest_to_apply(record)
        manifest_to_apply(record)
        async with self._store.transaction() as transaction:
            return await self._within(transaction, record, cluster, namespace)

    async def applied(self, record: Record, cluster: Target, namespace: str) -> list[Document]:
        """The objects as they were applied last, for comparing: nothing that is missing is made."""
        injections = [await self._last_injection(record, hook, cluster) for hook in hooks_of(record)]
        return inject(manifest_of(record), injections, namespace)

    async def on(self, transaction: Transaction, record: Record, cluster: Record | None) -> list[Document]:
        """The same inside of a transaction, for a cluster from the store; nothing where there is none."""
        if cluster is None:
            return []
        return await self._within(transaction, record, target_of(cluster), namespace_of(cluster))

    async def _within(
        self, transaction: Transaction, record: Record, cluster: Target, namespace: str
    ) -> list[Document]:
        """Makes the tokens that are missing."""
        injections = [await self._injection(transaction, record, hook, cluster) for hook in hooks_of(record)]
        return inject(manifest_of(record), injections, namespace)

    async def _injection(
        self, transaction: Transaction, record: Record, hook: HookName, cluster: Target
    ) -> Injection:
        token = await ensure_token(transaction, record.uid, hook, cluster.uid)
        return self._described(record, hook, token, await self._certificate(transaction, record.uid, hook))

    async def _last_injection(self, record: Record, hook: HookName, cluster: Target) -> Injection:
        token = (await read_tokens(self._store, record.uid, hook)).get(cluster.uid)
        stored = await self._store.secret(record.uid, _place(hook)) if self._authority else None
        certificate = Issued.read(stored) if stored else None
        return self._described(record, hook, token.value if token else "", certificate)

    def _described(self, record: Record, hook: HookName, token: str, certificate: Issued | None) -> Injection:
        return Injection(
            hook=hook,
            application=record.name,
            options=options_of(self._settings, hook),
            token=token,
            url=hook_url(self._endpoint, hook, record.namespace, record.name),
            certificate=certificate,
            bundle=self._authority.bundle if self._authority else "",
        )

    async def _certificate(self, transaction: Transaction, uid: str, hook: HookName) -> Issued | None:
        """The certificate it has, or a new one where that is missing, another authority's, or runs out."""
        if self._authority is None:
            return None
        user, now = options_of(self._settings, hook).user, utc_now()
        stored = await transaction.secret(uid, _place(hook))
        if stored is not None:
            issued = Issued.read(stored)
            if self._authority.still_good(issued, user, now):
                return issued
        issued = self._authority.issue(user, now)
        await transaction.put_secret(uid, _place(hook), issued.stored())
        return issued


def hooks_of(record: Record) -> list[HookName]:
    """The hooks that an application asks for."""
    return [HookName(name) for name in record.spec.get("hooks") or []]


def _place(hook: HookName) -> str:
    return f"hook/{hook}-certificate"


def namespace_of(cluster: Record) -> str:
    """Where objects go on a cluster that name no namespace."""
    contexts = cluster.spec["kubeconfig"].get("contexts") or [{}]
    return str((contexts[0].get("context") or {}).get("namespace") or "default")
