"""The headers that answers have in common.

``service.http.front`` puts the constant headers on every answer of the application; the server
puts them on what it refuses by itself, and ``deploy/nginx.conf`` repeats them.
"""

from __future__ import annotations

API_POLICY = "default-src 'none'; frame-ancestors 'none'"
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)

COMMON = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": (
        "ETag, Link, Content-Disposition, Dataset-Version, Retry-After, X-Request-ID, "
        "Deprecation, Sunset"
    ),
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Referrer-Policy": "no-referrer",
    "Vary": "Accept-Encoding",
    "X-Content-Type-Options": "nosniff",
}
"""Constant, so that a shared cache cannot hand one client what was meant for another."""
API_HEADERS = (*COMMON.items(), ("Content-Security-Policy", API_POLICY))
PAGE_HEADERS = (*COMMON.items(), ("Content-Security-Policy", PAGE_POLICY))

DATA_CACHE = "public, max-age=60, stale-while-revalidate=300, stale-if-error=86400"
ASSET_CACHE = "public, max-age=31536000, immutable"

CONSTANT = frozenset(
    {*API_HEADERS, ("Cache-Control", DATA_CACHE), ("Content-Type", "application/json")}
)
"""Headers that most answers carry, word for word; the worker need not check them each time."""

WAITED = "claims.waited"
"""Where the worker says in the WSGI environment how many seconds a request waited for a thread."""

HEALTH_PATHS = ("/healthz", "/readyz")
"""Answered before all else, and however much else there is."""
