"""An exporter of gauges as a process of its own, for a real Prometheus to scrape.

It prints its port. Each line `NAME VALUE` on its standard input sets a gauge, `NAME` alone takes it away; the
line comes back when that is done. It ends with its input, so that it never outlives the test.
"""

from __future__ import annotations

import sys

from prometheus_client import CollectorRegistry, Gauge, start_http_server


def main() -> None:
    """Serve until the standard input ends."""
    registry = CollectorRegistry()
    server, _ = start_http_server(0, addr="127.0.0.1", registry=registry)
    _say(f"{server.server_port}\n")
    gauges: dict[str, Gauge] = {}
    for line in sys.stdin:
        name, *value = line.split()
        if value:
            if name not in gauges:
                gauges[name] = Gauge(name, "set by a test", registry=registry)
            gauges[name].set(float(value[0]))
        elif name in gauges:
            registry.unregister(gauges.pop(name))
        _say(line)
    server.shutdown()


def _say(line: str) -> None:
    sys.stdout.write(line)
    sys.stdout.flush()


if __name__ == "__main__":
    main()
