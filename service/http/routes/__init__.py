"""Every route: operations on data, pages for people, and what programs ask of the service itself.

Importing this package puts them all on the blueprint.
"""

from service.http.routes import data, datasets, discovery, meta, pages
from service.http.routes.blueprint import api

__all__ = ["api", "data", "datasets", "discovery", "meta", "pages"]
