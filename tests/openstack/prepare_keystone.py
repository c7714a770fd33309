"""Prepares a new Keystone in one process: `prepare_keystone.py CONFIGURATION ADDRESS PASSWORD REGION`.

What `keystone-manage` does in four commands, each of which takes seconds to load.
"""

from __future__ import annotations

import os
import sys
from getpass import getuser
from grp import getgrgid

from keystone.cmd.cli import main
from keystone.conf import CONF


def prepare(configuration: str, url: str, password: str, region: str) -> None:
    """Make the keys, the tables, the administrator and the catalogue's first entry."""
    owner = ("--keystone-user", getuser(), "--keystone-group", getgrgid(os.getgid()).gr_name)
    bootstrap = ["bootstrap", "--bootstrap-password", password, "--bootstrap-region-id", region]
    for kind in ("admin", "public", "internal"):
        bootstrap += [f"--bootstrap-{kind}-url", url]
    for words in (["fernet_setup", *owner], ["credential_setup", *owner], ["db_sync"], bootstrap):
        main(["keystone-manage", "--config-file", configuration, *words])
        # Options of the command line can be registered again then.
        CONF.reset()


if __name__ == "__main__":
    prepare(*sys.argv[1:])
