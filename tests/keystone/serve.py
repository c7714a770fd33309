"""Serves Keystone in the environment of its own that `make test-keystone` makes: `serve.py PORT`."""

from __future__ import annotations

import importlib
import sys

port = int(sys.argv[1])
# Keystone reads the command line of whoever serves it.
sys.argv = ["keystone"]
application = importlib.import_module("keystone.wsgi.api").application
importlib.import_module("waitress").serve(application, host="127.0.0.1", port=port, threads=4)
