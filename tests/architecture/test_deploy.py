"""deploy/ keeps up with the code: variables, command lines, topics and measures that it names exist."""

import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from assistance import cli
from edge.kafka import settings

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
KUBERNETES = DEPLOY / "kubernetes"
OF_LIBPQ = {"PGPASSWORD"}
"""Read by the client library of PostgreSQL, not by the code."""

METRIC = re.compile(r"\b(?:ledger|relay|inbound|projections|http)_[a-z_]+\b(?!\s*=)")
OF_A_HISTOGRAM = re.compile(r"_(bucket|sum|count)$")
IN_QUESTION = re.compile(r"\$\{(\w+):\?[^}]+\}")


def refuse(places: Iterable[str], what_to_do: str) -> None:
    listed = sorted(set(places))
    assert not listed, f"{what_to_do}:\n  " + "\n  ".join(listed)


@cache
def compose() -> Any:
    return yaml.safe_load((DEPLOY / "compose.yaml").read_bytes())


def ours() -> Mapping[str, Any]:
    """The services of compose.yaml that run the product's image."""
    services = compose()["services"]
    found = {name: one for name, one in services.items() if "assistance-ledger" in one["image"]}
    assert len(found) >= 7
    return found


@cache
def manifests() -> tuple[Any, ...]:
    """The objects of the Kubernetes base, before its patches."""
    return tuple(
        document
        for path in sorted((KUBERNETES / "base").glob("*.yaml"))
        for document in yaml.safe_load_all(path.read_bytes())
    )


def named(kind: str) -> dict[str, Any]:
    return {one["metadata"]["name"]: one for one in manifests() if one["kind"] == kind}


def pods() -> dict[str, Any]:
    """The pods' specs, by the name of what makes them."""
    found = named("Deployment") | named("Job")
    assert len(found) >= 7
    return {name: one["spec"]["template"]["spec"] for name, one in found.items()}


def containers() -> Iterator[Any]:
    for pod in pods().values():
        yield from pod["containers"]


def env_files() -> Iterator[tuple[Path, dict[str, str]]]:
    for path in sorted(KUBERNETES.rglob("*.env")):
        pairs = (line.partition("=") for line in path.read_text(encoding="utf-8").splitlines())
        yield path, {name: value for name, _, value in pairs}


@cache
def code() -> str:
    """Everything that the services' modules say."""
    return "\n".join(
        path.read_text(encoding="utf-8") for path in sorted((ROOT / "services").rglob("*.py"))
    )


def test_every_variable_that_is_set_is_read() -> None:
    given = {name for one in ours().values() for name in one["environment"]}
    given |= {entry["name"] for container in containers() for entry in container.get("env", ())}
    given |= {name for _, variables in env_files() for name in variables}
    assert {"LEDGER_DSN", "KAFKA_SERVERS", "PGPASSWORD"} <= given
    refuse(
        (name for name in given - OF_LIBPQ if f'"{name}"' not in code()),
        "No module reads these variables",
    )


def queries() -> list[str]:
    """What alerts and dashboard ask of Prometheus."""
    groups = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yaml").read_bytes())["groups"]
    panels = json.loads((DEPLOY / "grafana" / "assistance.json").read_bytes())["panels"]
    return [
        *(rule["expr"] for group in groups for rule in group["rules"]),
        *(target["expr"] for panel in panels for target in panel.get("targets", ())),
    ]


def test_every_metric_that_is_asked_for_is_measured() -> None:
    asked = {name for query in queries() for name in METRIC.findall(query)}
    assert {"relay_backlog", "ledger_batch_seconds_bucket"} <= asked
    names = {OF_A_HISTOGRAM.sub("", name) for name in asked}
    refuse((name for name in names if f'"{name}"' not in code()), "No module has these measures")


def test_every_alert_says_what_to_do_and_is_tested() -> None:
    folder = DEPLOY / "prometheus"
    tests = yaml.safe_load((folder / "alerts.test.yaml").read_bytes())["tests"]
    rung = {
        sample["labels"]
        for test in tests
        for question in test["promql_expr_test"]
        for sample in question["exp_samples"]
    }
    groups = yaml.safe_load((folder / "alerts.yaml").read_bytes())["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    assert rules
    for rule in rules:
        assert rule["labels"]["severity"] in {"page", "ticket"}, rule["alert"]
        assert {"summary", "description", "runbook"} <= rule["annotations"].keys(), rule["alert"]
        starts = f'ALERTS{{alertname="{rule["alert"]}", alertstate="firing", '
        assert any(labels.startswith(starts) for labels in rung), f"{rule['alert']} has no test"


def command_lines() -> dict[str, list[str]]:
    """What each service and pod runs, without the program's name."""
    run = {f"compose: {name}": one["command"] for name, one in ours().items()}
    run |= {f"kubernetes: {container['name']}": container["args"] for container in containers()}
    return run


@pytest.mark.parametrize("place", command_lines())
def test_every_command_line_is_one_of_ours(place: str) -> None:
    words = [str(word) for word in command_lines()[place]]
    command: Any = typer.main.get_command(cli.app)
    while hasattr(command, "commands"):
        assert words, f"{place}: the command line ends too early"
        word = words.pop(0)
        assert word in command.commands, f"{place}: there is no command {word}"
        command = command.commands[word]
    # Parsing refuses an option or an argument that the command does not know.
    command.make_context(place, words)


def test_every_topic_is_declared_and_used() -> None:
    declared = yaml.safe_load((DEPLOY / "kafka" / "topics.yaml").read_bytes())
    used = {settings.EVENTS, settings.COMMANDS, settings.SIGNALS}
    used |= {settings.OUTCOMES, settings.DEAD_LETTERS}
    assert [topic["name"] for topic in declared] == list(
        dict.fromkeys(topic["name"] for topic in declared)
    )
    assert {topic["name"] for topic in declared} == used
    for topic in declared:
        assert topic.keys() == {"name", "partitions", "replication", "configs"}


def test_facts_are_kept_for_ever_and_workers_have_partitions() -> None:
    declared = yaml.safe_load((DEPLOY / "kafka" / "topics.yaml").read_bytes())
    events = next(topic for topic in declared if topic["name"] == settings.EVENTS)
    kept = {"cleanup.policy": "delete", "retention.ms": -1, "retention.bytes": -1}
    assert kept.items() <= events["configs"].items()
    workers = named("Deployment")["projections-run"]["spec"]["replicas"]
    assert workers <= events["partitions"]


def test_no_password_stands_in_a_file_or_has_a_default() -> None:
    example = (DEPLOY / "compose.env.example").read_text(encoding="utf-8")
    wanted = set()
    for name, service in compose()["services"].items():
        for variable, value in service.get("environment", {}).items():
            if "PASSWORD" in variable:
                asked = IN_QUESTION.fullmatch(str(value))
                assert asked, f"{name}: {variable} must be ${{NAME:?…}}"
                wanted.add(asked.group(1))
            assert "password=" not in str(value), f"{name}: {variable} holds a password"
    assert wanted
    refuse(
        (name for name in wanted if not re.search(rf"^{name}=$", example, re.MULTILINE)),
        "Name these in compose.env.example, without a value",
    )
    assert not named("Secret")
    for path, variables in env_files():
        refuse((n for n, v in variables.items() if "password" in (n + v).lower()), str(path))


def test_containers_can_do_no_more_than_they_must() -> None:
    for name, service in compose()["services"].items():
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert not {"privileged", "cap_add", "network_mode", "pid"} & service.keys(), name
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ())), name
        # The broker's image writes its configuration beside its programs.
        assert service.get("read_only", False) or name == "kafka", name
    assert re.search(r"^USER \d+:\d+$", (DEPLOY / "Dockerfile").read_text(), re.MULTILINE)


def test_whoever_stays_is_asked_how_it_is() -> None:
    for name, service in compose()["services"].items():
        once = str(service["restart"]).startswith("on-failure")
        assert once != ("healthcheck" in service), name


def test_what_a_service_of_compose_refers_to_is_declared() -> None:
    networks, volumes = compose()["networks"], compose()["volumes"]
    for name, service in compose()["services"].items():
        assert set(service["networks"]) <= networks.keys(), name
        named_volumes = (volume.split(":")[0] for volume in service.get("volumes", ()))
        assert {one for one in named_volumes if "/" not in one} <= volumes.keys(), name
        assert service.get("depends_on", {}).keys() <= compose()["services"].keys(), name
        assert "outside" in service["networks"] or "ports" not in service, name


def test_cells_have_the_names_that_their_ledgers_use() -> None:
    said = {
        DEPLOY / "compose.cells.toml": compose()["services"]["ledger"]["environment"],
        **{path.with_name("cells.toml"): variables for path, variables in env_files()},
    }
    assert len(said) >= 3
    for path, variables in said.items():
        (cell,) = tomllib.loads(path.read_text(encoding="utf-8"))["cells"]
        assert cell["name"] == variables["ASSISTANCE_SOURCE"], path
        assert cell.keys() == {"name", "projections_dsn", "ledger_url"}


def test_whoever_connects_is_a_role_and_goes_to_its_database() -> None:
    roles = (DEPLOY / "postgresql" / "roles.sql").read_text(encoding="utf-8")
    dsns = {
        (variable, str(value))
        for variables in [
            *(service["environment"] for service in ours().values()),
            *(variables for _, variables in env_files()),
        ]
        for variable, value in variables.items()
        if variable.endswith("_DSN")
    }
    assert {name for name, _ in dsns} == {
        "LEDGER_DSN", "MIGRATE_DSN", "FEED_DSN", "PROJECTIONS_DSN",
    }  # fmt: skip
    for variable, dsn in dsns:
        parts = dict(part.split("=", 1) for part in dsn.split())
        assert f"alter role {parts['user']}\n    login" in roles, variable
        assert f"database {parts['dbname']} " in roles, variable


def test_what_is_copied_or_mounted_is_there() -> None:
    let_through = {
        line.removeprefix("!").rstrip("/")
        for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
        if line.startswith("!")
    }
    copied = re.findall(
        r"^COPY (?!--from)(.+) \S+$", (DEPLOY / "Dockerfile").read_text(), re.MULTILINE
    )
    sources = {source for line in copied for source in line.split()}
    assert sources == let_through
    mounted = [
        volume.split(":")[0]
        for service in compose()["services"].values()
        for volume in service.get("volumes", ())
        if volume.startswith(".")
    ]
    assert mounted
    places = [*(ROOT / source for source in sources), *(DEPLOY / path for path in mounted)]
    refuse((str(path) for path in places if not path.exists()), "There is no such file")


def test_every_deployment_has_its_account_and_its_budget() -> None:
    deployments = named("Deployment")
    assert pods().keys() == named("ServiceAccount").keys()
    assert all(pod["serviceAccountName"] == name for name, pod in pods().items())
    assert deployments.keys() == named("PodDisruptionBudget").keys() == named("Service").keys()
    for name, budget in named("PodDisruptionBudget").items():
        # A budget that lets nobody go would keep a node from ever being emptied.
        assert budget["spec"].get("minAvailable", 0) < deployments[name]["spec"]["replicas"], name
