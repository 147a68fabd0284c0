"""Commands that open the workbench, a page on this machine."""

import argparse
from contextlib import closing, suppress
from pathlib import Path

from schemas.fields import word
from service.cli.curating import data_set
from service.curation.workbench.opening import open_session


def curate(options: argparse.Namespace) -> int:
    """curate: opens the workbench, a page on this machine to read a document into claims."""
    from service.curation.workbench.serving import workbench_server  # loads Flask, as few need it

    session, lock = open_session(data_set(options), options.file, options.coder)
    try:
        server, place = workbench_server(session, lock, options.port)
        _tell(place.address, session.path)
        with suppress(KeyboardInterrupt), closing(server.socket):
            server.serve_forever()
        print(f"\nStopped; the reading is in {session.path}", flush=True)
    finally:
        lock.close()
    return 0


def _tell(address: str, path: Path) -> None:
    print(
        f"Workbench: {address}\n  the reading: {path}, saved at every passage you keep\n"
        "  stop it with Ctrl C",
        flush=True,
    )


def coder(text: str) -> str:
    """A short name of a coder, which is part of the name of a file."""
    field = word()
    if not field.takes(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no name of a coder: {field.allowed}")
    return text


def port(text: str) -> int:
    """A port of this machine; 0 is any that is free."""
    if not (text.isascii() and text.isdigit() and int(text) < 65_536):
        raise argparse.ArgumentTypeError(f"{text!r} is no port: 0 to 65535")
    return int(text)


def add_options(command: argparse.ArgumentParser) -> None:
    """What ``curate`` is told."""
    command.add_argument("file", type=Path, metavar="FILE", help="the text of a document")
    command.add_argument("--coder", type=coder, required=True, help="who reads, such as jr")
    text = "port of 127.0.0.1 (default: any that is free)"
    command.add_argument("--port", type=port, default=0, help=text)
