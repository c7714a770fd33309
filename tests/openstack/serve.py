"""Serves one of OpenStack's services in their environment: `serve.py MODULE PORT [ARGUMENTS]`."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

module, port, *rest = sys.argv[1:]
# The services read the command line of whoever serves them.
sys.argv = [module.partition(".")[0], *rest]
# Last on the path: the names of other files here are those of the services' packages.
sys.path.append(str(Path(__file__).parent))
importlib.import_module("waiting_for_locks")
application = importlib.import_module(module).application
importlib.import_module("waitress").serve(application, host="127.0.0.1", port=int(port), threads=4)
