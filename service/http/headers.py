"""Headers that every answer carries, whoever writes it: the application, or the server alone."""

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
"""Constant, so that no cache can mix the answers to two who asked differently."""

DATA_CACHE = "public, max-age=60, stale-while-revalidate=300, stale-if-error=86400"

HEALTH_PATHS = ("/healthz", "/readyz")
"""Never shed: their answers tell whether the service lives."""
