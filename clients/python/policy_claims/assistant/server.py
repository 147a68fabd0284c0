"""The server, and how its tools get their arguments and tell their errors."""

from __future__ import annotations

import functools
import inspect
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.mcpserver.tools import Tool
from mcp.types import ToolAnnotations
from pydantic import Field, create_model

from policy_claims.aio.client import AsyncClient
from policy_claims.assistant.tools import Tools
from policy_claims.errors import ServiceError
from policy_claims.parameters import FILTERS, Parameter

INSTRUCTIONS = """\
Claims of policy documents: who said what, about what, when, and with what confidence. A claim is \
what a source says, not what is true: name its speaker, and cite claims by their ids and links. \
Filters take ids; list_vocabulary finds them. Counts are exact, and search_claims has an exact \
total. Where `unknown` is given, an id named nothing, so that an empty result says nothing."""
TYPES: dict[str, Any] = {
    "list": str | int | list[str | int],
    "string": str,
    "integer": int,
    "boolean": bool,
}
READING = ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False)
ToolFunction = Callable[..., Awaitable[dict[str, Any]]]


def server_of(client: AsyncClient) -> MCPServer[Any]:
    """A server whose tools ask through this client, which is closed with it."""

    @asynccontextmanager
    async def lifespan(_: MCPServer[Any]) -> AsyncIterator[None]:
        async with client:
            yield

    tools = Tools(client)
    filtered: tuple[ToolFunction, ...] = (
        tools.search_claims,
        tools.count_claims,
        tools.compare_occasions,
    )
    plain: tuple[ToolFunction, ...] = (
        tools.get_claim,
        tools.claim_history,
        tools.list_vocabulary,
        tools.recent_changes,
        tools.about_dataset,
        tools.cite,
    )
    return MCPServer(
        name="policy-claims",
        title="Policy claims",
        instructions=INSTRUCTIONS,
        website_url=client.base_url,
        version=version("policy-claims-client"),
        tools=[*(_tool(_with_filters(tool)) for tool in filtered), *map(_tool, plain)],
        lifespan=lifespan,
        log_level="WARNING",
    )


def _tool(function: ToolFunction) -> Tool:
    """A tool that only reads, refuses arguments it has not, and tells what the service refuses."""

    @functools.wraps(function)
    async def told(**arguments: Any) -> dict[str, Any]:
        try:
            return await function(**arguments)
        except ServiceError as error:
            raise ToolError(str(error)) from error

    tool = Tool.from_function(told, description=inspect.getdoc(function), annotations=READING)
    # The SDK would leave out an argument that is misspelt, and answer another question.
    strict = create_model(
        tool.name, __base__=tool.fn_metadata.arg_model, __cls_kwargs__={"extra": "forbid"}
    )
    tool.fn_metadata.arg_model = strict
    tool.parameters = strict.model_json_schema(by_alias=True)
    return tool


def _with_filters(function: ToolFunction) -> ToolFunction:
    """A function that takes ``**filters`` with each filter of the contract as an argument."""
    signature = inspect.signature(function, eval_str=True)
    own = [p for p in signature.parameters.values() if p.kind is not p.VAR_KEYWORD]
    names = {parameter.name for parameter in own}
    filters = [_argument(name, row) for name, row in FILTERS.items() if name not in names]

    @functools.wraps(function)
    async def filtered(**arguments: Any) -> dict[str, Any]:
        return await function(**arguments)

    keyword = [p.replace(kind=p.KEYWORD_ONLY) for p in own]
    filtered.__signature__ = signature.replace(  # type: ignore[attr-defined]
        parameters=[*keyword, *filters]
    )
    return filtered


def _argument(name: str, row: Parameter) -> inspect.Parameter:
    values = f" Of: {', '.join(row.values)}." if row.values else ""
    return inspect.Parameter(
        name,
        inspect.Parameter.KEYWORD_ONLY,
        default=Field(default=None, description=row.description + values),
        annotation=TYPES[row.type] | None,
    )
