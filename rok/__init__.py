"""`rok`, the users' command line: talks to Krake's REST API and to nothing else."""

from __future__ import annotations
