"""A mechanism driver of Neutron that binds every port on every host: there are neither agents nor packets.

Runs in OpenStack's environment; `offer` makes it known there by an entry point, without a package to build.
"""

from __future__ import annotations

from pathlib import Path

DRIVER = """\
from neutron_lib import constants
from neutron_lib.api.definitions import portbindings
from neutron_lib.plugins.ml2 import api


class BindEverything(api.MechanismDriver):
    def initialize(self):
        pass

    def bind_port(self, context):
        details = {portbindings.CAP_PORT_FILTER: True}
        segment = context.segments_to_bind[0][api.ID]
        context.set_binding(segment, portbindings.VIF_TYPE_OVS, details, status=constants.PORT_STATUS_ACTIVE)
"""
ENTRY_POINTS = """\
[neutron.ml2.mechanism_drivers]
bind_everything = bind_everything:BindEverything
"""


def offer(folder: Path) -> None:
    """Write the driver to a folder that is to be on Python's path."""
    information = folder / "bind_everything-1.dist-info"
    information.mkdir(parents=True)
    (folder / "bind_everything.py").write_text(DRIVER)
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: bind-everything\nVersion: 1\n")
    (information / "entry_points.txt").write_text(ENTRY_POINTS)
