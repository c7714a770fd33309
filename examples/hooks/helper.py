"""A helper beside an application: takes Krake's request to shut down, and confirms when that is done.

Needs nothing but Python. SHUTDOWN_COMMAND is what shuts the application down; exit code 0 says that it did.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import ssl
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request, urlopen

PORT = int(os.environ.get("SHUTDOWN_PORT", "8000"))
COMMAND = os.environ["SHUTDOWN_COMMAND"]
CERTIFICATES = Path(os.environ.get("SHUTDOWN_CERTIFICATES", "/etc/krake_shutdown_certs"))
PAUSE = 2.0


class Handler(BaseHTTPRequestHandler):
    """Answers at once; the work is done beside."""

    def do_PUT(self) -> None:
        """Take the request, if it is Krake's."""
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        if self.path != "/shutdown" or not is_from_krake(self.headers.get("X-Krake-Signature", ""), body):
            self.send_error(403)
            return
        threading.Thread(target=shut_down).start()
        self.send_response(202)
        self.send_header("Content-Length", "0")
        self.end_headers()


def is_from_krake(signature: str, body: bytes) -> bool:
    """Whether the request was signed with the token that only Krake and this application know."""
    digest = hmac.new(os.environ["KRAKE_SHUTDOWN_TOKEN"].encode(), body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(signature, f"sha256={digest}")


def shut_down() -> None:
    """Shut the application down, then tell Krake until it has heard."""
    if subprocess.run(COMMAND, shell=True, check=False).returncode != 0:
        return  # not confirmed: Krake asks again, or does what the failure strategy says
    body = json.dumps({"token": os.environ["KRAKE_SHUTDOWN_TOKEN"]}).encode()
    request = Request(
        os.environ["KRAKE_SHUTDOWN_URL"], body, {"Content-Type": "application/json"}, method="PUT"
    )
    while True:
        try:
            urlopen(request, timeout=10, context=tls()).close()
            return
        except URLError as error:
            if getattr(error, "code", 0) == 401:
                return  # heard before
        time.sleep(PAUSE)


def tls() -> ssl.SSLContext | None:
    """The certificates that Krake mounted; none where hooks work without TLS."""
    if not (CERTIFICATES / "cert.pem").exists():
        return None
    context = ssl.create_default_context(cafile=str(CERTIFICATES / "ca-bundle.pem"))
    context.load_cert_chain(CERTIFICATES / "cert.pem", CERTIFICATES / "key.pem")
    return context


if __name__ == "__main__":
    ThreadingHTTPServer(("", PORT), Handler).serve_forever()
