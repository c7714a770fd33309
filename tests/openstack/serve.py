"""Serves one of OpenStack's services in their environment: `serve.py MODULE PORT [ARGUMENTS]`."""

from __future__ import annotations

import importlib
import sys

module, port, *rest = sys.argv[1:]
# The services read the command line of whoever serves them.
sys.argv = [module.partition(".")[0], *rest]
application = importlib.import_module(module).application
importlib.import_module("waitress").serve(application, host="127.0.0.1", port=int(port), threads=4)
