"""Whatever is sent, the ledger accepts it or answers with a problem; it never fails."""

import json
from typing import Any
from uuid import uuid4

import httpx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge.contracts import contracts
from tests.http.running import PROBLEM, Running

few = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

COMMANDS = {
    "EnrolHousehold": "/v1/households/{}/enrol-household",
    "RaiseAlert": "/v1/cases/{}/raise-alert",
    "GrantEmergencyAid": "/v1/grants/{}/grant-emergency-aid",
    "AdoptStandard": "/v1/areas/140403/adopt-standard",
}
EXAMPLES: dict[str, dict[str, Any]] = {
    name: json.loads((contracts() / f"commands/{name}.v1.json").read_bytes())["examples"][0]["data"]
    for name in COMMANDS
}

words = st.sampled_from(
    ["", "A", "dibao", "140403", "2023-01", "2023-02-30", str(uuid4()), "\ud800"]
)
leaves = (
    st.none() | st.booleans() | st.integers() | st.floats() | words | st.text(max_size=8)
    | st.sampled_from([0, -1, 2**31, 2**63, 10**30])
)  # fmt: skip
values = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=8,
)


@st.composite
def mutated(draw: st.DrawFn) -> tuple[str, Any]:
    """A command with a few of its example's fields replaced, added or taken away."""
    name = draw(st.sampled_from(sorted(COMMANDS)))
    body = dict(EXAMPLES[name])
    for field in draw(
        st.lists(st.sampled_from([*body, "corrects", "migrated", "rank"]), max_size=3)
    ):
        if draw(st.booleans()):
            body[field] = draw(values)
        else:
            body.pop(field, None)
    return name, body


def accepted_or_problem(answer: httpx.Response) -> None:
    assert answer.status_code < 500, answer.text
    if not answer.is_success:
        assert answer.headers["content-type"] == PROBLEM
        assert answer.json()["status"] == answer.status_code


def as_json(body: Any) -> bytes:
    return json.dumps(body, ensure_ascii=True).encode()


@few
@given(asked=mutated(), version=st.none() | st.integers(0, 3))
def test_a_command_with_any_fields(
    running: Running, asked: tuple[str, Any], version: int | None
) -> None:
    name, body = asked
    path = COMMANDS[name].format(uuid4())
    accepted_or_problem(running.post(path, content=as_json(body), version=version))


@few
@given(name=st.sampled_from(sorted(COMMANDS)), body=values)
def test_a_command_with_any_json(running: Running, name: str, body: Any) -> None:
    accepted_or_problem(running.post(COMMANDS[name].format(uuid4()), content=as_json(body)))


@few
@given(name=st.sampled_from(sorted(COMMANDS)), body=st.binary(max_size=200))
def test_a_command_with_any_bytes(running: Running, name: str, body: bytes) -> None:
    accepted_or_problem(running.post(COMMANDS[name].format(uuid4()), content=body))


@few
@given(lines=st.lists(mutated() | values | st.binary(max_size=60), max_size=5))
def test_a_batch_of_any_lines(running: Running, lines: list[Any]) -> None:
    content = b"\n".join(_line(one).replace(b"\n", b" ") for one in lines)
    headers = {"X-Actor": "any", "Content-Type": "application/x-ndjson"}
    answer = running.client.post("/v1/commands:batch", content=content, headers=headers)
    assert answer.status_code == 200, answer.text
    for verdict in map(json.loads, answer.text.splitlines()):
        assert "accepted" in verdict or verdict["problem"]["status"] < 500, verdict


def _line(one: Any) -> bytes:
    match one:
        case bytes():
            return one
        case (str() as name, dict() as data):
            key, subject = str(uuid4()), str(uuid4())
            named = {} if name == "AdoptStandard" else {"subject": subject}
            return as_json({"command": name, "idempotency_key": key, **named, "data": data})
        case _:
            return as_json(one)


@few
@given(path=st.text(max_size=30), query=st.text(max_size=20))
def test_any_question(running: Running, path: str, query: str) -> None:
    safe = httpx.QueryParams({"prefix": query, "after": query, "limit": query})
    quoted = "/".join(httpx.QueryParams({"": part})[""] for part in path.split("/"))
    try:
        url = httpx.URL(f"{running.client.base_url}/v1/areas/{quoted}", params=safe)
    except (httpx.InvalidURL, UnicodeError):
        return
    accepted_or_problem(running.client.get(url))
