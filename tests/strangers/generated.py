"""Generators of clients with their default settings, each with a program that uses what it makes.

A program is written as the generator's documentation shows, and adapts nothing.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path
from urllib.error import URLError

import pytest

HERE = Path(__file__).parent
NODE = HERE / "npm"
PYTHON = HERE / "python"
JAR = "openapi-generator-cli-7.25.0.jar"
JAR_URL = f"https://repo1.maven.org/maven2/org/openapitools/openapi-generator-cli/7.25.0/{JAR}"
JAR_SHA256 = "41ce4f6b07f196676439d710759fa1ced7a08066d06ff1bf314681470289efae"


def run(*command: str | Path, cwd: Path, **environment: str) -> str:
    """What a command prints; one that fails is a fault, with all that it said."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        list(map(str, command)),
        cwd=cwd,
        env={**os.environ, "PATH": path, **environment},
        text=True,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
    return done.stdout


def project_of_node(place: Path) -> Path:
    """A project with what npm installed, without what was generated."""
    for tool in ("node", "npm"):
        if not shutil.which(tool):
            pytest.skip(f"NOT CHECKED: generators of npm, since there is no {tool}")
    if not (NODE / "node_modules").exists():
        pytest.skip("NOT CHECKED: generators of npm, which are not installed (make strangers)")
    shutil.copytree(NODE / "src", place / "src")
    for name in ("package.json", "tsconfig.json"):
        shutil.copy(NODE / name, place)
    (place / "node_modules").symlink_to(NODE / "node_modules")
    return place


def of_node(*command: str) -> Callable[[Path, Path, list[str]], str]:
    """A generator of npm, its client compiled strictly; the last word names the program."""

    def use(contract: Path, place: Path, asked: list[str]) -> str:
        project = project_of_node(place)
        *generate, program = command
        bin_ = project / "node_modules" / ".bin"
        words = [str(contract) if word == "CONTRACT" else word for word in generate]
        run(bin_ / words[0], *words[1:], cwd=project)
        compiled = (project / "tsconfig.json").read_text(encoding="utf-8")
        alone = compiled.replace('"include": ["src"]', f'"files": ["src/{program}.ts"]')
        (project / "tsconfig.json").write_text(alone, encoding="utf-8")
        run(bin_ / "tsc", "--project", ".", cwd=project)
        return run("node", f"built/{program}.js", *asked, cwd=project)

    return use


def ask_in_python(program: str, place: Path, asked: list[str]) -> str:
    """What a program prints that finds the generated packages in this folder."""
    path = f"{place}{os.pathsep}{PYTHON}"
    return run(sys.executable, PYTHON / program, *asked, cwd=place, PYTHONPATH=path)


def strictly(program: str, place: Path) -> None:
    """Whether mypy finds a program, and all that was generated for it, well typed."""
    shutil.copy(PYTHON / program, place)
    shutil.copy(PYTHON / "asked.py", place)
    run(
        sys.executable, "-m", "mypy", "--strict", "--config-file", os.devnull, program, cwd=place,
    )  # fmt: skip


def openapi_python_client(contract: Path, place: Path, asked: list[str]) -> str:
    run("openapi-python-client", "generate", "--path", contract, cwd=place)
    package = place / "policy-claims-client"
    program = "generated_openapi_python_client.py"
    strictly(program, package)
    return ask_in_python(program, package, asked)


def datamodel_code_generator(contract: Path, place: Path, asked: list[str]) -> str:
    """Its models say ``constr(…)`` where a type stands, which mypy refuses by its own rules: so
    they are imported, which is when pydantic builds each of them.
    """
    run(
        "datamodel-codegen", "--input", contract, "--output", "policy_claims_models.py",
        "--input-file-type", "openapi", cwd=place,
    )  # fmt: skip
    return ask_in_python("generated_datamodel_code_generator.py", place, asked)


def openapi_generator(contract: Path, place: Path, asked: list[str]) -> str:
    if not shutil.which("java"):
        pytest.skip("NOT CHECKED: OpenAPI Generator, since there is no java")
    run(
        "java", "-jar", _jar(), "generate", "--generator-name", "python",
        "--input-spec", contract, "--output", place / "generated", cwd=place,
    )  # fmt: skip
    return ask_in_python("generated_openapi_generator.py", place / "generated", asked)


def _jar() -> Path:
    """OpenAPI Generator from Maven Central, fetched once."""
    place = Path(sys.prefix) / JAR
    if not place.exists():
        try:
            with urllib.request.urlopen(JAR_URL, timeout=60) as answer:
                content = answer.read()
        except (URLError, OSError) as error:
            pytest.skip(f"NOT CHECKED: OpenAPI Generator, which cannot be fetched: {error}")
        assert hashlib.sha256(content).hexdigest() == JAR_SHA256
        place.write_bytes(content)
    return place


GENERATORS: dict[str, Callable[[Path, Path, list[str]], str]] = {
    "openapi-typescript and openapi-fetch": of_node(
        "openapi-typescript", "CONTRACT",
        "--output", "src/openapi_typescript/contract.ts", "openapi_fetch",
    ),
    "@hey-api/openapi-ts": of_node(
        "openapi-ts", "--input", "CONTRACT", "--output", "src/hey_api", "hey_api"
    ),
    "orval": of_node(
        "orval", "--input", "CONTRACT", "--output", "src/orval/api.ts", "orval"
    ),
    "swagger-typescript-api": of_node(
        "swagger-typescript-api", "generate", "--path", "CONTRACT",
        "--output", "src/swagger_typescript_api", "swagger_typescript_api",
    ),
    "openapi-python-client": openapi_python_client,
    "datamodel-code-generator": datamodel_code_generator,
    "OpenAPI Generator (python)": openapi_generator,
}  # fmt: skip
