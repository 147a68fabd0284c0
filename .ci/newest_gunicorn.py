"""Try the tests of the server with the newest gunicorn there is, in a folder that is thrown away.

The bound in setup.cfg keeps to a major version. Exit 0 when the tests pass, 1 when one fails, and 3
where the registry could not be reached: that is said in capital letters.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from importlib.metadata import distributions, version

TESTS = ("tests/test_worker.py", "tests/test_operations.py")
NOT_CHECKED = 3
"""Exit status, the same as that of .ci/audit.py."""


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
        install = [*pip, "install", "--no-deps", "--target", folder, "gunicorn"]
        if subprocess.run(install, check=False).returncode:
            print("NOT CHECKED: the newest gunicorn could not be had from the registry")
            return NOT_CHECKED
        newest = [each.version for each in distributions(name="gunicorn", path=[folder])]
        if newest == [version("gunicorn")]:
            print(f"the newest gunicorn is the one that is installed ({newest[0]}): see make test")
            return 0
        environment = {**os.environ, "PYTHONPATH": folder}
        where = "import gunicorn; print(gunicorn.__version__, gunicorn.__file__)"
        subprocess.run([sys.executable, "-c", where], env=environment, check=True)
        command = [sys.executable, "-m", "pytest", "-q", *TESTS]
        return int(subprocess.run(command, env=environment, check=False).returncode != 0)


if __name__ == "__main__":
    sys.exit(main())
