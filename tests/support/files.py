"""A web server with files, redirects and bad manners, for whatever downloads something."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class FileServer:
    """What is served by path, and what was asked for."""

    port: int = 0
    files: dict[str, bytes] = field(default_factory=dict)
    redirects: dict[str, str] = field(default_factory=dict)
    statuses: dict[str, list[int]] = field(default_factory=dict)
    """Statuses to answer with before the file is given, one after the other."""
    slow: set[str] = field(default_factory=set)
    """Paths that are answered byte after byte, without end."""
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    """Path with query, and headers, of every request."""

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        """The URL of a path."""
        return f"http://{host}:{self.port}{path}"


class _Handler(BaseHTTPRequestHandler):
    files: FileServer
    stopped: threading.Event

    def do_GET(self) -> None:
        files = self.files
        files.requests.append((self.path, dict(self.headers)))
        path = self.path.partition("?")[0]
        if path in files.redirects:
            self._answer(302, b"", location=files.redirects[path])
        elif files.statuses.get(path):
            self._answer(files.statuses[path].pop(0), b"")
        elif path in files.slow:
            self._drip()
        elif path in files.files:
            self._answer(200, files.files[path])
        else:
            self._answer(404, b"")

    def _answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _drip(self) -> None:
        self.send_response(200)
        self.end_headers()
        while not self.stopped.wait(0.05):
            try:
                self.wfile.write(b"#")
            except OSError:
                return

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet."""


@contextmanager
def file_server() -> Iterator[FileServer]:
    """A server on loopback, stopped afterwards."""
    files = FileServer()
    stopped = threading.Event()
    handler = type("Handler", (_Handler,), {"files": files, "stopped": stopped})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    files.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield files
    finally:
        stopped.set()
        server.shutdown()
        server.server_close()
        thread.join()
