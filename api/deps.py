"""What the routes work with: made once for the application, found through the request."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from fastapi import Request
from temporalio.client import Client

from api.ages import AgeReader
from api.audit_recorder import AuditRecorder
from api.authentication import Authenticator, User
from api.authentication.browser import BrowserLogins
from api.authorization.authorizer import Authorizer
from api.authorization.reach import NOWHERE, Reach
from api.feed import Feeds
from api.metrics import Metrics
from api.waker import Waker
from krake.settings import Settings
from krake.store.records import NewEvent
from krake.store.store import Store


@dataclass(slots=True)
class Services:
    """Everything a route may use."""

    settings: Settings
    store: Store
    temporal: Client
    authenticate: Authenticator
    browsers: BrowserLogins
    authorizer: Authorizer
    waker: Waker
    confirmer: Waker
    """Tells workflows that wait for an application's shutdown."""
    feeds: Feeds
    ages: AgeReader
    metrics: Metrics
    audit: AuditRecorder


async def _nowhere() -> Reach:
    return NOWHERE


@dataclass(slots=True)
class RequestInfo:
    """What is known of a request beyond its content; the middleware makes it."""

    id: str
    user: User = field(default_factory=lambda: User(""))
    streamed: bool = False
    """Whether the answer goes on for as long as the client listens."""
    subject_name: str = ""
    """Name of the resource that the body is about, where the path does not say it; for the audit."""
    reach: Reach = NOWHERE
    """The namespaces that the answer may speak of; the authorisation sets it."""
    look_again: Callable[[], Awaitable[Reach]] = field(default=_nowhere, repr=False)
    """Asks for the reach anew, for an answer that goes on; raises when the user may not any more."""

    def event(self, kind: str, message: str = "") -> NewEvent:
        """An event in the name of the user who made this request."""
        return NewEvent(kind, message, actor=self.user.name, cause=f"request {self.id}")


def services(request: Request) -> Services:
    """The application's services."""
    found: Services = request.app.state.services
    return found


def info(request: Request) -> RequestInfo:
    """Who makes this request, and its id."""
    found: RequestInfo = request.scope["krake"]
    return found
