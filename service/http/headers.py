"""The headers that answers have in common.

``service.http.front`` puts the constant headers on every answer of the application; the server
puts them on what it refuses by itself, and ``deploy/nginx.conf`` repeats them.
"""

import re

from schemas.records.vocabularies import VOCABULARIES

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
NEGOTIATED_VARY = {"Vary": "Accept, Accept-Encoding"}
"""Of errors, which a browser gets as a page, and of the metrics (RFC 9110, section 12.5.5)."""
METRICS_PATH = "/metrics"
CONSTANT_HEADERS = {
    (page, negotiated): tuple({**COMMON, **vary, "Content-Security-Policy": policy}.items())
    for page, policy in ((False, API_POLICY), (True, PAGE_POLICY))
    for negotiated, vary in ((False, {}), (True, NEGOTIATED_VARY))
}
"""By whether the answer is a page, and whether ``Accept`` decided its form."""

_LISTS = "|".join(VOCABULARIES)
PAGE_PATH = re.compile(
    f"/|/(?:goals|compare|new|dataset|docs|codebook|{_LISTS})|/(?:claims|values|problems|{_LISTS})/[^/]+"
)
"""The paths of pages for people."""

DATA_CACHE = "public, max-age=60, stale-while-revalidate=300, stale-if-error=86400"
ASSET_CACHE = "public, max-age=31536000, immutable"

READY_PATH = "/readyz"
HEALTH_PATHS = ("/healthz", READY_PATH)
"""Never shed: their answers tell whether the service lives."""
