"""Serves a part of OpenStack in its own environment: `serve.py PROGRAM MODULE PORT [OPTION...]`."""

from __future__ import annotations

import importlib
import sys

program, module, port, *options = sys.argv[1:]
# Each part reads the command line of whoever serves it.
sys.argv = [program, *options]
application = importlib.import_module(module).application
importlib.import_module("waitress").serve(application, host="127.0.0.1", port=int(port), threads=8)
