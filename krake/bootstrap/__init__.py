"""Loading an installation's first resources from files: all of them, or none."""

from __future__ import annotations

from krake.bootstrap.errors import BootstrapError, Fault
from krake.bootstrap.loading import Done, load
from krake.bootstrap.reading import Wanted, loadable, read

__all__ = ["BootstrapError", "Done", "Fault", "Wanted", "load", "loadable", "read"]
