"""A build on several machines: its steps run on the workers of a scheduler of dask.distributed.

Every worker has this version of the service, and reads the directories of fixtures and of data sets
under the same paths as this machine.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from service import __version__
from service.compiler.parallel import BuildFailed, Workers

_SECONDS = 20
"""For the scheduler to answer, and for the first worker to join it."""


@contextmanager
def workers_at(address: str) -> Iterator[Workers]:
    """The workers of the scheduler at an address, such as ``tcp://one.example:8786``.

    One that ends is replaced by another, which is given its work. Raises ``BuildFailed`` where none
    can be had, one has another version of the service, or some work has ended several of them.
    """
    try:
        from distributed import Client, KilledWorker
    except ImportError as error:
        reason = "dask is not installed: pip install 'policy-claims[dask]'"
        raise BuildFailed(f"{reason}; nothing was built") from error
    try:
        client = Client(address, timeout=_SECONDS, direct_to_workers=True)
    except (OSError, ValueError) as error:
        raise BuildFailed(f"{address}: {error}; nothing was built") from error
    try:
        with client, client.get_executor(pure=False) as executor:
            client.wait_for_workers(1, timeout=_SECONDS)
            for worker, version in client.run(service_version).items():
                if version != __version__:
                    reason = f"the worker {worker} has version {version} of the service"
                    raise BuildFailed(f"{reason}, and not {__version__}; nothing was built")
            yield Workers(executor, 8 + 2 * sum(client.nthreads().values()))
    except (KilledWorker, TimeoutError) as error:
        raise BuildFailed(f"{address}: {error}; nothing was built") from error


def service_version() -> str:
    """The version of the service that a worker has."""
    return __version__
