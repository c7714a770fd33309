"""Each type of provider, over HTTP, against a small server that answers as the real one's documentation says.

The servers of KSQL and InfluxDB are fakes of their HTTP protocols: the real ones need a JVM or a build of
their own.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import pytest

from activities.metrics_providers import ProviderError, provider_of


class Fake:
    """A server with one answer, which keeps the request."""

    def __init__(self, answer: str, status: int = 200) -> None:
        self.answer = answer.encode()
        self.status = status
        self.path = self.body = ""
        self.headers: dict[str, str] = {}
        self.url = ""


@contextmanager
def serving(fake: Fake) -> Iterator[Fake]:
    """The fake on a free port."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            fake.path, fake.headers = self.path, dict(self.headers)
            fake.body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self.send_response(fake.status)
            self.end_headers()
            self.wfile.write(fake.answer)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    fake.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()


async def read(kind: str, names: set[str], **fields: Any) -> dict[str, float]:
    """What the provider gives."""
    return dict(await provider_of({"type": kind, kind: fields}).read(names))


async def test_static_values() -> None:
    assert await read("static", {"load", "none"}, metrics={"load": 0.5, "cost": 3}) == {"load": 0.5}


async def test_prometheus_is_asked_once_and_matched_by_exact_name() -> None:
    series = [("load", "0.25"), ("load", "0.9"), ("load_x", "7"), ("cost", "NaN"), ("odd", "x")]
    result = [{"metric": {"__name__": name}, "value": [1, value]} for name, value in series]
    answer = json.dumps({"status": "success", "data": {"resultType": "vector", "result": result}})
    with serving(Fake(answer)) as fake:
        values = await read("prometheus", {"load", "cost", "odd", 'a"}.b'}, url=fake.url, token="t0ken")
    assert values["load"] == 0.25
    assert values["cost"] != values["cost"]
    assert set(values) == {"load", "cost"}
    assert fake.path == "/api/v1/query"
    assert fake.headers["Authorization"] == "Bearer t0ken"
    (query,) = parse_qs(fake.body)["query"]
    assert query == r'{__name__=~"a\"\\}\\.b|cost|load|odd"}'


async def test_ksql_gets_names_quoted_and_gives_all_rows() -> None:
    rows = [
        {"header": {"schema": "x"}},
        {"row": {"columns": ["load", "0.5"]}},
        {"row": {"columns": ["o'x", 2]}},
    ]
    with serving(Fake(json.dumps(rows))) as fake:
        columns = {"table": "loads", "comparison_column": "metric", "value_column": "v"}
        login = {"username": "u", "password": "p"}
        values = await read("kafka", {"load", "o'x"}, url=fake.url, **columns, **login)
    assert values == {"load": 0.5, "o'x": 2.0}
    assert json.loads(fake.body)["ksql"] == "SELECT metric, v FROM loads WHERE metric IN ('load', 'o''x');"
    assert fake.headers["Authorization"].startswith("Basic ")


async def test_influx_gets_names_quoted_and_gives_the_newest() -> None:
    table = ",result,table,_time,_value,_field,_measurement\r\n"
    rows = ",_result,0,2026-01-01T00:00:01Z,0.5,v,load\r\n,_result,1,2026-01-01T00:00:02Z,0.75,w,load\r\n"
    with serving(
        Fake(table + rows + "\r\n" + table + ",_result,2,2026-01-01T00:00:02Z,3,v,cost\r\n")
    ) as fake:
        fields = {"token": "t0ken", "org": "o", "bucket": 'b"${x}'}
        values = await read("influx", {"load", "cost"}, url=fake.url, **fields)
    assert values == {"load": 0.75, "cost": 3.0}
    assert fake.path == "/api/v2/query?org=o"
    assert fake.headers["Authorization"] == "Token t0ken"
    query = json.loads(fake.body)["query"]
    assert query.startswith('from(bucket: "b\\"\\${x}")')
    assert 'r._measurement == "cost" or r._measurement == "load"' in query


@pytest.mark.parametrize(
    ("status", "answer", "message"),
    [(500, "", "answers 500"), (401, "", "answers 401"), (200, "<html>", "not as Prometheus does")],
)
async def test_a_provider_that_fails_says_how_without_secrets(status: int, answer: str, message: str) -> None:
    with serving(Fake(answer, status)) as fake, pytest.raises(ProviderError, match=message) as raised:
        await read("prometheus", {"load"}, url=f"{fake.url}/s3cret", token="t0ken")
    assert "s3cret" not in str(raised.value)


async def test_a_provider_that_does_not_answer() -> None:
    with pytest.raises(ProviderError, match="does not answer"):
        await read("prometheus", {"load"}, url="http://127.0.0.1:1")
