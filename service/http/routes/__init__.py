"""Every route, in the order of ``openapi.yaml``, a module for each part of it."""

from __future__ import annotations

from service.http.routes import changes, claims, linked, meta, pages, vocabularies
from service.http.routes.blueprint import api

PARTS = (claims, linked, changes, vocabularies, pages, meta)
"""What puts its routes on the blueprint by being imported."""

__all__ = ["PARTS", "api"]
