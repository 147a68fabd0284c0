"""The headers that answers have in common.

``service.http.front`` puts the constant headers on every answer of the application; the server
puts them on what it refuses by itself, and ``deploy/nginx.conf`` repeats them.
"""

import re

API_POLICY = "default-src 'none'; frame-ancestors 'none'"
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)

COMMON = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": (
        "ETag, Link, Content-Disposition, Dataset-Version, Retry-After, X-Request-ID, "
        "Deprecation, Sunset, Accept-Ranges, Content-Range"
    ),
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Referrer-Policy": "no-referrer",
    "Timing-Allow-Origin": "*",
    "Vary": "Accept-Encoding",
    "X-Content-Type-Options": "nosniff",
}
"""Constant, so that a shared cache cannot hand one client what was meant for another."""
API_HEADERS = (*COMMON.items(), ("Content-Security-Policy", API_POLICY))
PAGE_HEADERS = (*COMMON.items(), ("Content-Security-Policy", PAGE_POLICY))

PAGE_PATH = re.compile("/|/(?:goals|compare|docs|codebook)|/(?:claims|values|problems)/[^/]+")
"""The paths of pages for people."""

DATA_CACHE = "public, max-age=60, stale-while-revalidate=300, stale-if-error=86400"
ASSET_CACHE = "public, max-age=31536000, immutable"

HEALTH_PATHS = ("/healthz", "/readyz")
"""Never shed: their answers tell whether the service lives."""
