"""The vocabulary of Krake: resources as users write them and as the API shows them."""

from __future__ import annotations
