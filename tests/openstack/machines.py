"""What the tests' driver of Magnum makes clusters of: sandboxes with the authority that Magnum made for them.

The driver runs this in Krake's environment: `python -m tests.openstack.machines create FOLDER NODES`, and
likewise `scale` and `delete`. The folder holds what was given: `server.crt` and `server.key`, signed by the
cluster's authority, and that authority's `ca.crt`. The API's address is the last line of the output.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from krake.embedded.control_plane import ControlPlane, Ports
from krake.embedded.credentials import Credentials, write_private
from krake.embedded.sandbox import SPEC, Sandbox, SandboxSpec
from krake.embedded.stable_ports import stable_ports

GIVEN = "given"


class GivenCredentials(Credentials):
    """Credentials whose server certificate comes from outside, followed by the one of its authority."""

    def __init__(self, folder: Path, given: Path) -> None:
        super().__init__(folder)
        self._given = given

    def make(self) -> None:
        """Makes the tokens and the keys of service accounts, and takes the rest."""
        super().make()
        chain = (
            (self._given / "server.crt").read_bytes().strip() + b"\n" + (self._given / "ca.crt").read_bytes()
        )
        write_private(self.certificate, chain)
        write_private(self.key, (self._given / "server.key").read_bytes())


class MagnumControlPlane(ControlPlane):
    """The servers of one cluster."""

    @property
    def credentials(self) -> Credentials:
        """Those that Magnum gave."""
        return GivenCredentials(self.directory / "pki", self.directory / GIVEN)

    def _apiserver(self) -> list[str]:
        return [*super()._apiserver(), f"--client-ca-file={self.directory / GIVEN / 'ca.crt'}"]


class Machines(Sandbox):
    """One cluster in a folder of its own."""

    def __init__(self, directory: Path, spec: SandboxSpec) -> None:
        super().__init__(directory, spec)
        self.plane = MagnumControlPlane(directory, spec.ports)

    def keep(self) -> None:
        """Write down what it is, for the next command."""
        write_private(self.directory / SPEC, self.spec.model_dump_json().encode())


def found(directory: Path) -> Machines:
    """The cluster that was made in the folder."""
    return Machines(directory, SandboxSpec.model_validate_json((directory / SPEC).read_bytes()))


def all_in(folder: Path) -> list[Machines]:
    """All clusters that were made in folders below this one."""
    return [found(spec.parent) for spec in folder.glob(f"*/{SPEC}")]


async def create(directory: Path, nodes: int) -> Machines:
    """Make a cluster in the folder, with what is given there."""
    machines = Machines(directory, SandboxSpec(name="cluster", nodes=nodes, ports=Ports(*stable_ports(3))))
    machines.keep()
    machines.plane.prepare()
    await machines.start()
    return machines


async def main(command: str, folder: str, *rest: str) -> None:
    """Do what the driver asks for."""
    directory = Path(folder)
    if command == "create":
        machines = await create(directory, int(rest[0]))
    else:
        machines = found(directory)
        if command == "scale":
            await machines.resize(int(rest[0]))
        else:
            await machines.delete()
    sys.stdout.write(f"{machines.address}\n")


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
