"""Every route, a module for each part of ``openapi.yaml``."""

from __future__ import annotations

from service.http.routes import changes, claims, compare, linked, meta, pages, vocabularies
from service.http.routes.blueprint import api

MODULES = (changes, claims, compare, linked, meta, pages, vocabularies)
"""Importing them puts their routes on the blueprint."""

__all__ = ["MODULES", "api"]
