"""The command ``policy-claims-query``: claims, counts, vocabularies and changes, and receipts.

    policy-claims-query --goals-only --horizon 2024
    policy-claims-query counts --by topic,kind --format csv
    policy-claims-query --topic nuclear --receipt nuclear.json
    policy-claims-query check nuclear.json
    policy-claims-query changes --state followed.txt

Exit status: 0; 1 where the service cannot answer, or a check finds another answer; 2 for a request
that is refused, by this command or by the service; 3 where changes begin anew.
"""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Callable, Sequence

from policy_claims.client import Client
from policy_claims.command import output
from policy_claims.command.arguments import parse, selection
from policy_claims.command.following import follow
from policy_claims.errors import DatasetChanged, Gone, InvalidRequest, NotFound, ServiceError
from policy_claims.receipts import Comparison, ReceiptError, read, take

Connect = Callable[[str], Client]


def main(argv: Sequence[str] | None = None, connect: Connect = Client) -> int:
    """Runs the command and returns its exit status. ``connect`` makes a client for an address."""
    arguments = parse(sys.argv[1:] if argv is None else argv)
    try:
        return {"check": check, "changes": follow}.get(arguments.command, ask)(arguments, connect)
    except InvalidRequest as error:
        return _failed(error, 2)
    except (OSError, ReceiptError, ServiceError) as error:
        if isinstance(error, BrokenPipeError):  # whoever read this has enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 0
        return _failed(error, 1)


def ask(arguments: Namespace, connect: Connect) -> int:
    """Prints an answer, and writes its receipt where one is wanted."""
    parameters = selection(arguments)
    with connect(arguments.url) as client:
        version = output.WRITERS[arguments.command](client, arguments, parameters)
        if arguments.receipt:
            receipt = take(client, arguments.command, parameters)
            if receipt.dataset_version != version:
                raise DatasetChanged(version, receipt.dataset_version)
            receipt.write(arguments.receipt)
    sys.stdout.flush()
    return 0


def check(arguments: Namespace, connect: Connect) -> int:
    """Asks once more what a receipt tells, and says whether the answer is the same."""
    before = read(arguments.file)
    with connect(arguments.url or before.service) as client:
        comparison = Comparison(before, take(client, before.query, before.parameters))
        kept = None if comparison.same else kept_files(client, before.dataset_version)
    sys.stdout.write(f"{comparison}\n{kept or ''}")
    return 0 if comparison.same else 1


def kept_files(client: Client, version: str) -> str:
    """A line that says where the files of a data set can be had, or that they no longer can."""
    try:
        client.dataset_version(version)
    except (Gone, NotFound):
        return f"The service does not keep data set {version} any more.\n"
    return (
        f"The files of data set {version} are listed at {client.base_url}/v1/datasets/{version}\n"
    )


def _failed(error: Exception, status: int) -> int:
    sys.stderr.write(f"policy-claims-query: {error}\n")
    return status
