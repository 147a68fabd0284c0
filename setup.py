"""The one step that setup.cfg cannot express: the wheel carries the contract and the codebook.

Both belong at the project's root, where people look for them; the installed package serves them,
so a build copies them in. An editable install reads them where they stand.
"""

from __future__ import annotations

from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).parent

#: From the place in the project to the name in ``service/data``.
SERVED = {"openapi.yaml": "openapi.yaml", "docs/codebook.md": "codebook.md"}


class BuildWithServedFiles(build_py):
    """``build_py`` that also copies what the service serves; a missing file stops the build."""

    def run(self) -> None:
        super().run()
        if self.editable_mode:
            return
        for source, name in SERVED.items():
            target = Path(self.build_lib, "service", "data", name)
            self.mkpath(str(target.parent))
            self.copy_file(str(ROOT / source), str(target))


setup(cmdclass={"build_py": BuildWithServedFiles})
