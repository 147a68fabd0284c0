"""Reports on an environment into which the Python client alone was installed, and checks it.

Run with that environment's interpreter, from another folder and isolated (``python -I``). Exit 0
when it has at most six packages besides those of every new environment and ``policy_claims`` is the
only import name of the client.
"""

from __future__ import annotations

import sys
from importlib.metadata import Distribution, distribution, distributions
from pathlib import Path

CLIENT = "policy-claims-client"
MAX_PACKAGES = 6
INSTALLERS = frozenset({"pip", "setuptools", "wheel"})
"""What a new environment may have before anything is installed."""


def size(package: Distribution) -> int:
    """Bytes of the installed files."""
    paths = (Path(str(file.locate())) for file in package.files or ())
    return sum(path.stat().st_size for path in paths if path.is_file())


def import_names(package: Distribution) -> set[str]:
    tops = {file.parts[0] for file in package.files or ()}
    return {name for name in tops if not name.endswith((".dist-info", ".pth")) and name != ".."}


def main() -> int:
    import policy_claims

    packages = [each for each in distributions() if each.metadata["Name"] not in INSTALLERS]
    for package in packages:
        print(f"{package.metadata['Name']} {package.version}: {size(package) / 1e6:.2f} MB")
    names = import_names(distribution(CLIENT))
    total = sum(map(size, packages)) / 1e6
    print(f"{len(packages)} packages, {total:.1f} MB; the client's import names: {sorted(names)}")
    installed = "site-packages" in Path(policy_claims.__file__).parts
    return 0 if installed and len(packages) <= MAX_PACKAGES and names == {"policy_claims"} else 1


if __name__ == "__main__":
    sys.exit(main())
