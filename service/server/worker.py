"""gunicorn's thread worker with answers in problem details, a listener that closes, a watchdog."""

from __future__ import annotations

import os
import socket
from contextlib import suppress

from gunicorn.http import Request
from gunicorn.workers.gthread import ThreadWorker

from service.server.refusals import INTERNAL, refusal_for, render
from service.server.watchdog import Watchdog


class ProblemWorker(ThreadWorker):
    """The worker that ``gunicorn_conf`` names."""

    STUCK_SECONDS = 30.0
    """A request that is in the application for longer is stuck: no heartbeat is sent, and gunicorn
    replaces the worker when it has had none for ``timeout`` seconds."""

    def load_wsgi(self) -> None:
        """Put the watchdog around the application."""
        super().load_wsgi()
        self.watchdog = Watchdog(self.wsgi)
        self.wsgi = self.watchdog

    def notify(self) -> None:
        """Send the heartbeat, unless a request is stuck."""
        if self.watchdog.longest_step() < self.STUCK_SECONDS:
            super().notify()

    def set_accept_enabled(self, enabled: bool | None) -> None:
        """Close the listeners once the worker stops; gunicorn keeps them until it ends, and new
        connections would wait in them for nothing.
        """
        super().set_accept_enabled(enabled and self.alive)
        if not self.alive:
            for listener in self.sockets:
                listener.close()

    def handle_error(
        self, req: Request | None, client: socket.socket, addr: object, exc: BaseException
    ) -> None:
        """Answer what could not be served as ``application/problem+json`` (RFC 9457).

        gunicorn's own page, and its log, repeat what the client sent; here neither does.
        """
        refusal, request_id = refusal_for(exc), os.urandom(16).hex()
        if refusal is INTERNAL:
            self.log.error("failed: request_id=%s", request_id, exc_info=exc)
        else:
            said = ("refused: status=%d cause=%s request_id=%s", refusal.status, type(exc).__name__)
            self.log.warning(*said, request_id)
        with suppress(OSError):  # the client is gone
            client.sendall(render(refusal, request_id))
