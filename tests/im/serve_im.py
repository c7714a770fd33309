"""Serves the Infrastructure Manager in its environment: `serve_im.py FOLDER PORT`."""

from __future__ import annotations

import sys

from IM.config import Config

folder, port = sys.argv[1:]
sys.argv = ["im_service"]
Config.REST_ADDRESS = "127.0.0.1"
Config.REST_PORT = int(port)
Config.DATA_DB = f"sqlite:///{folder}/infrastructures.db"
Config.LOG_FILE = f"{folder}/manager.log"

# Reads the configuration when it is imported.
from IM.im_service import main  # noqa: E402

main()
