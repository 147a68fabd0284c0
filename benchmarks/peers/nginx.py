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


def static(place: Path, user: str, port: int, root: Path) -> Path:
    """A configuration that serves the files of a directory."""
    text = _COMMON + _STATIC + _PATHS + "}}\n"
    return _write(place, text.format(place=place, user=user, port=port, root=root))


def cache(place: Path, user: str, port: int, upstream: int) -> Path:
    """The shipped configuration on one worker, as the one that serves files has, and without a log.

    Its limits are lifted: one client asks on behalf of very many.
    """
    text = adapted(SHIPPED.read_text(), place, port, upstream)
    text = re.sub(r"\bworker_processes\s+[^;]+;", "worker_processes 1;", text)
    text = re.sub(r"\b(?:limit_req|limit_conn|access_log)\s+[^;]+;", "", text)
    own = f"user {user};\ndaemon off;\npid {place}/nginx.pid;\n"
    return _write(place, own + text.replace("http {", "http { access_log off;", 1))


def adapted(text: str, place: Path, port: int, upstream: int) -> str:
    """The shipped configuration with other ports and places; nothing else differs."""
    changes = {
        "listen 8080": f"listen 127.0.0.1:{port}",
        "server claims:8000": f"server 127.0.0.1:{upstream}",
        "/var/cache/nginx/": f"{place}/",
        "/var/log/nginx/": f"{place}/",
    }
    for shipped, here in changes.items():
        if shipped not in text:
            raise LookupError(f"{SHIPPED.name} has no {shipped!r}")
        text = text.replace(shipped, here)
    return text


def _write(place: Path, text: str) -> Path:
    place.mkdir(parents=True, exist_ok=True)
    path = place / "nginx.conf"
    path.write_text(text)
    return path
