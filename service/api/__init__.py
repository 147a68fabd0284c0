"""Every route, in the order of ``openapi.yaml``, a module for each part of it."""

from __future__ import annotations

from service.api import claims, linked, machine, people, record, vocabularies
from service.api.blueprint import api

PARTS = (claims, linked, record, vocabularies, people, machine)
"""What puts its routes on the blueprint by being imported."""

__all__ = ["PARTS", "api"]
