"""The examples that need no other language run as they stand; the others run in .ci/examples.py."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from policy_claims import Client
from service.app import create_app
from service.config import Config
from tests.contract_tools import ContractClient
from tests.live import Service, served
from tests.tables import each_row
from tests.wire import app_of, sample_store, shipped_store

pytestmark = pytest.mark.slow

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
GRAFANA = EXAMPLES / "grafana"


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with served(create_app(Config(access_log=False), shipped_store())) as service:
        yield service


def ran(*command: str | Path) -> str:
    done = subprocess.run(
        [str(word) for word in command], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert not done.stderr
    return done.stdout


def test_the_pandas_example_counts_what_the_service_counts(service: Service) -> None:
    pytest.importorskip("pandas")
    printed = ran(sys.executable, EXAMPLES / "pandas_tables.py", service.url)
    goals, speakers, chains = printed.strip().split("\n\n")
    with Client(service.url) as client:
        by_year = client.counts(by=["horizon", "specificity"], goals_only=True, distinct=True)
        total = client.claims().total
    shown = dict(re.findall(r"^(\d{4}|none stated) +(.*)$", goals, re.MULTILINE))
    header = goals.splitlines()[0].split()[1:]
    for row in by_year.data:
        counted = shown[row["key"] or "none stated"].split()
        assert counted[header.index(str(row["key2"]))] == str(row["count"])
    assert sum(int(line.split()[-2]) for line in speakers.splitlines()[2:]) == total
    assert "kim-jong-un > kcna > " in chains


@pytest.mark.skipif(
    not (shutil.which("curl") and shutil.which("jq")), reason="curl and jq are not both there"
)
def test_the_shell_example_walks_compares_and_is_corrected(service: Service) -> None:
    printed = ran("bash", EXAMPLES / "curl_jq.sh", service.url)
    with Client(service.url) as client:
        total = client.claims().total
    assert f"{total} claims, the last page says {total}" in printed
    assert "200\n304\n" in printed
    assert printed.rstrip().endswith("did you mean topic?")


def test_the_example_of_changes_tells_each_once_and_begins_anew(
    service: Service, tmp_path: Path
) -> None:
    state = tmp_path / "followed.txt"
    with Client(service.url) as client:
        told = [
            f"{change['recorded_at']} {change['change']} {one['kind']} {one['id']}"
            for change in client.changes()
            for one in [change["subject"]]
        ]
    begun = "Another history: forget what you hold, all of it follows."
    for before, expected in (
        (None, told),
        (None, []),
        (state_of_another_history(), [begun, *told]),
        (None, []),
    ):
        if before is not None:
            state.write_text(before)
        printed = ran(sys.executable, EXAMPLES / "follow_changes.py", service.url, state)
        assert printed.splitlines() == expected


def state_of_another_history() -> str:
    with served(app_of(sample_store())) as other, Client(other.url) as client:
        changes = client.changes()
        assert list(changes)
        return str(changes.meta["next"])


def test_every_shell_example_is_proper_bash() -> None:
    for script in EXAMPLES.glob("*.sh"):
        ran("bash", "-n", script)


def test_every_example_is_told_of() -> None:
    told = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    for path in EXAMPLES.iterdir():
        if not path.name.startswith(".") and path.name != "README.md":
            assert f"({path.name}" in told, path.name
    for target in re.findall(r"\]\(([^)#:]+)\)", told):
        assert (EXAMPLES / target).exists(), target


# --- Grafana ------------------------------------------------------------------------------------
# What the Infinity data source does with a query (parser "backend"): the base address of the data
# source and the query's path are joined, parameters are added and variables filled in; the root
# selector and then each column's selector, names with full stops between, are looked up; a CSV
# column is looked up in the header. A column that is not there is silently empty, hence this test.

DASHBOARDS = list((GRAFANA / "dashboards").glob("*.json"))
GO_LAYOUTS = {"2006-01-02": "%Y-%m-%d", "2006": "%Y"}


def dashboard() -> dict[str, Any]:
    (path,) = DASHBOARDS
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def variables() -> dict[str, Any]:
    return {variable["name"]: variable for variable in dashboard()["templating"]["list"]}


def targets() -> list[tuple[str, dict[str, Any]]]:
    """Every query with the title of its panel, that of the variable first."""
    chosen = [(name, each["query"]["infinityQuery"]) for name, each in variables().items()]
    panels = [
        (panel["title"], target) for panel in dashboard()["panels"] for target in panel["targets"]
    ]
    return chosen + panels


def filled(text: str, chosen: dict[str, str]) -> str:
    """The text as Grafana sends it: the period of the dashboard and the variables filled in."""
    period = dashboard()["time"]

    def value(match: re.Match[str]) -> str:
        name, _, form = match[1].partition(":")
        if name in ("__from", "__to"):
            assert form == "date:YYYY-MM-DD"
            return str(period[name.strip("_")])[:10]
        return chosen[name]

    return re.sub(r"\$\{([^}]+)\}", value, text)


def asked(client: ContractClient, target: dict[str, Any], chosen: dict[str, str]) -> Any:
    assert "$" not in target["url"]
    parameters = {
        each["key"]: filled(each["value"], chosen) for each in target["url_options"]["params"]
    }
    answer = client.get(target["url"], query_string=parameters)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    if target["type"] == "csv":
        return list(csv.DictReader(io.StringIO(answer.get_data(as_text=True), newline="")))
    found = looked_up(answer.get_json(), target["root_selector"])
    return found if isinstance(found, list) else [found]


def looked_up(value: Any, selector: str) -> Any:
    """A path of keys; each must be there, though its value may be null."""
    for key in selector.split("."):
        if value is None:
            return None
        value = value[int(key)] if isinstance(value, list) else value[key]
    return value


def fits(column: dict[str, str], value: Any, is_csv: bool) -> bool:
    if value is None or (is_csv and value == ""):
        return True
    match column["type"]:
        case "number":
            return bool(re.fullmatch(r"-?\d+", value)) if is_csv else type(value) in (int, float)
        case "timestamp":
            return bool(time.strptime(value, GO_LAYOUTS[column["timestampFormat"]]))
        case "string":
            return isinstance(value, str)
    return False


def topics(client: ContractClient) -> list[str]:
    """The values that the variable offers."""
    ((_, target),) = [each for each in targets() if each[0] == "topic"]
    return [looked_up(row, "id") for row in asked(client, target, {})]


@each_row(("title", "target"), targets())
def test_every_query_of_the_dashboard_finds_what_its_columns_name(
    client: ContractClient, title: str, target: dict[str, Any]
) -> None:
    assert (target["source"], target["parser"], target["format"]) == ("url", "backend", "table")
    uses_topic = "${topic}" in json.dumps(target)
    rows: list[Any] = []
    for topic in topics(client) if uses_topic else [""]:
        rows += asked(client, target, {"topic": topic})
    assert rows, f"{title} is empty whatever is chosen"
    for column in target["columns"]:
        values = [looked_up(row, column["selector"]) for row in rows]
        assert all(fits(column, value, target["type"] == "csv") for value in values), column
        assert any(value not in (None, "") for value in values), column


def test_what_is_chosen_at_first_is_one_of_the_choices(client: ContractClient) -> None:
    assert variables()["topic"]["current"]["value"] in topics(client)


def test_the_period_of_the_dashboard_holds_every_announcement(client: ContractClient) -> None:
    """Otherwise the figures above, which know no period, and the tables below would disagree."""
    period = {f"announced_{end}": dashboard()["time"][end][:10] for end in ("from", "to")}

    def counted(**parameters: str) -> Any:
        return client.get("/v1/counts", query_string=parameters).get_json()

    by_year = counted(by="announced_year")["data"]
    undated = sum(row["count"] for row in by_year if row["key"] is None)
    within = counted(by="kind", **period)["meta"]["total"]
    assert within + undated == counted(by="kind")["meta"]["total"]


def test_transformations_and_overrides_name_columns_that_are_there() -> None:
    for panel in dashboard()["panels"]:
        columns = {column["text"] for target in panel["targets"] for column in target["columns"]}
        for transformation in panel["transformations"]:
            options = transformation["options"]
            named = set(options.get("indexByName", {}))
            named |= {value for key, value in options.items() if key.endswith("Field")}
            assert named <= columns, panel["title"]
        named = {override["matcher"]["options"] for override in panel["fieldConfig"]["overrides"]}
        named |= {panel["options"]["xField"]} if "xField" in panel["options"] else set()
        assert named <= columns, panel["title"]


def test_the_parts_that_grafana_is_given_refer_to_each_other() -> None:
    (source,) = yaml.safe_load(
        (GRAFANA / "provisioning" / "datasources" / "policy-claims.yaml").read_text()
    )["datasources"]
    used = re.findall(r'"uid": "([^"]+)"', json.dumps(dashboard()))
    assert set(used) == {source["uid"], dashboard()["uid"]}
    types = re.findall(r'"type": "([^"]+-datasource)"', json.dumps(dashboard()))
    assert set(types) == {source["type"]}
    assert source["jsonData"]["allowedHosts"] == [source["url"]]
    assert len({panel["id"] for panel in dashboard()["panels"]}) == len(dashboard()["panels"])


def test_no_two_panels_lie_on_top_of_each_other() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in dashboard()["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert max(x for x, _ in cells) < 24
        assert not cells & taken, panel["title"]
        taken |= cells
