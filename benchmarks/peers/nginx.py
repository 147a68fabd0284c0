"""nginx as a server of files and as a cache in front of the service."""

from __future__ import annotations

import re
from pathlib import Path

from benchmarks.machine import ROOT

SHIPPED = ROOT / "deploy" / "nginx.conf"
_COMMON = """
worker_processes 1;
user {user};
daemon off;
pid {place}/nginx.pid;
error_log stderr warn;
events {{ worker_connections 1024; }}
"""
_PATHS = """
  access_log off;
  client_body_temp_path {place}/body;
  proxy_temp_path {place}/proxy;
  fastcgi_temp_path {place}/fastcgi;
  uwsgi_temp_path {place}/uwsgi;
  scgi_temp_path {place}/scgi;
"""
_STATIC = """
http {{
  sendfile on;
  tcp_nopush on;
  keepalive_requests 1000000;
  open_file_cache max=100;
  server {{
    listen 127.0.0.1:{port};
    root {root};
    default_type application/json;
  }}
"""
_CACHE = """
http {{
  proxy_cache_path {place}/cache keys_zone=claims:10m max_size=1g inactive=1h;
  # The one thing that answers vary by, as its two cases, in the key: to let nginx find it by the
  # header Vary costs each hit a fifth more, and a copy for each spelling of the same wish.
  map $http_accept_encoding $taken {{ default ""; "~*gzip(?!;q=0)" "gzip"; }}
  keepalive_requests 1000000;
  sendfile on;
  tcp_nopush on;
  open_file_cache max=1000;
  upstream service {{ server 127.0.0.1:{upstream}; keepalive 16; }}
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://service;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Accept-Encoding $taken;
      proxy_cache claims;
      proxy_cache_key "$request_uri $taken";
      proxy_ignore_headers Vary;
      proxy_cache_revalidate on;
      proxy_cache_lock on;
      proxy_cache_background_update on;
      proxy_cache_use_stale error timeout updating http_500 http_502 http_503 http_504;
    }}
  }}
"""


def static(place: Path, user: str, port: int, root: Path) -> Path:
    """A configuration that serves the files of a directory."""
    text = _COMMON + _STATIC + _PATHS + "}}\n"
    return _write(place, text.format(place=place, user=user, port=port, root=root))


def cache(place: Path, user: str, port: int, upstream: int) -> tuple[Path, str]:
    """A configuration that caches the service's answers, and whose it is."""
    if SHIPPED.exists():
        text = _adapted(SHIPPED.read_text(), place, user, port, upstream)
        return _write(place, text), "deploy/nginx.conf"
    text = _COMMON + _CACHE + _PATHS + "}}\n"
    filled = text.format(place=place, user=user, port=port, upstream=upstream)
    return _write(place, filled), "the benchmark's own"


def _adapted(text: str, place: Path, user: str, port: int, upstream: int) -> str:
    """The shipped configuration with this run's ports and places, on one worker, unlimited.

    Its rate limits are lifted: one client asks on behalf of very many.
    """
    changes = {
        r"\blisten\s+[^;]+;": f"listen 127.0.0.1:{port};",
        r"(\bserver\s+)[\w.\[\]-]+:8000": rf"\g<1>127.0.0.1:{upstream}",
        r"(\bproxy_pass\s+http://)[\w.\[\]-]+:8000": rf"\g<1>127.0.0.1:{upstream}",
        r"(\bproxy_cache_path\s+)\S+": rf"\g<1>{place}/cache",
        r"\bworker_processes\s+[^;]+;": "worker_processes 1;",
        r"\blimit_(?:req|conn)\s+[^;]+;": "",
        r"\b(?:access_log|error_log|pid|user|daemon)\s+[^;]+;": "",
    }
    for pattern, replacement in changes.items():
        text = re.sub(pattern, replacement, text)
    common = _COMMON.format(place=place, user=user)
    if re.search(r"\bevents\s*{", text):
        common = common.rsplit("events", 1)[0].replace("worker_processes 1;", "")
    paths = _PATHS.format(place=place)
    if re.search(r"\bhttp\s*{", text):
        return common + re.sub(r"\bhttp\s*{", lambda m: m[0] + paths, text, count=1)
    return common + "http {" + paths + text + "}\n"


def _write(place: Path, text: str) -> Path:
    place.mkdir(parents=True, exist_ok=True)
    path = place / "nginx.conf"
    path.write_text(text)
    return path
