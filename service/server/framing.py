"""Requests as RFC 9112 has them, where gunicorn's parser takes more.

Each rule here is one whose breach lets two readers of the same bytes disagree: a proxy before the
service and the service itself, about which host was meant, or where a request ends.
"""

from __future__ import annotations

import re

from gunicorn.http import Request
from gunicorn.http.errors import InvalidHeader, InvalidRequestLine

_NAME = r"(?:\[[0-9A-Za-z.:]+\]|[A-Za-z0-9._~!$&'()*+,;=%-]+)"
_PORT = r"(?::[0-9]*)?"

#: RFC 9110 section 7.2. Empty is well-formed: what a client sends whose target has no authority.
_HOST = re.compile(rf"(?:{_NAME}{_PORT})?")

#: RFC 9112 section 3.2: origin-form, absolute-form with a host, asterisk-form; never a fragment.
_TARGET = re.compile(rf"/[^#]*|[A-Za-z][A-Za-z0-9+.-]{{0,30}}://{_NAME}{_PORT}(?:[/?][^#]*)?|\*")


class StrictRequest(Request):
    """A request whose target, host, end and connection options are read strictly."""

    def parse_request_line(self, line_bytes: bytes) -> None:
        super().parse_request_line(line_bytes)
        if self.method != "CONNECT" and not _TARGET.fullmatch(self.uri or ""):
            raise InvalidRequestLine("target")
        # Section 2.3: a later minor version is answered as the one that is spoken here; gunicorn
        # would claim to speak the client's.
        if self.version and self.version > (1, 1):
            self.version = (1, 1)

    def set_body_reader(self) -> None:
        """The whole head is known here."""
        hosts, options = [], []
        for name, value in self.headers:
            if name == "HOST":
                hosts.append(value)
            elif name == "CONNECTION":
                options += value.lower().split(",")
        self._check_host(hosts)
        # Section 9.6: after "close", wherever it stands, nothing more is executed; gunicorn looks
        # for it alone, in the first field.
        if "close" in (option.strip(" \t") for option in options):
            self.force_close()
        super().set_body_reader()

    def _check_host(self, hosts: list[str]) -> None:
        """Section 3.2: one host, well-formed, which only HTTP/1.0 may leave out."""
        if not hosts and self.version == (1, 0):
            return
        if len(hosts) != 1 or not _HOST.fullmatch(hosts[0]):
            raise InvalidHeader("HOST")
