"""The OpenAPI documents: valid, complete, and what the services say of themselves."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from edge.application import Application, describe
from edge.contracts import contracts
from edge.openapi import operations
from ledger import openapi
from ledger.fact import BY_COMMAND
from ledger.http import kebab
from projections.app import ProjectionsService
from projections.contracts import main
from projections.settings import Settings

NAMES = ("ledger.openapi.json", "projections.openapi.json")


def read(name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((contracts() / name).read_bytes())
    return document


def both() -> dict[str, Any]:
    """The document of both services under one roof, as far as it needs no database."""
    service = ProjectionsService(Settings(dsn="", feed_dsn="", zone=ZoneInfo("UTC")), run=False)
    return describe("Both", "Both.", service.routers(), openapi.documented())


DOCUMENTS = {**{name: read(name) for name in NAMES}, "both": both()}


@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)
def test_a_document_is_valid_openapi_3_1(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    OpenAPIV31SpecValidator(document).validate()


@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)
def test_every_operation_has_an_example_and_documents_its_problems(
    document: dict[str, Any],
) -> None:
    for name, operation in operations(document):
        contents = [
            content
            for status, answer in operation["responses"].items()
            if status.startswith("2")
            for content in answer.get("content", {}).values()
        ]
        assert any("example" in content or "examples" in content for content in contents), name
        assert "503" in operation["responses"], name
        for status in operation["responses"]:
            assert status.startswith("2") or operation["responses"][status]["$ref"], name


@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)
def test_no_operation_promises_the_frameworks_own_errors(document: dict[str, Any]) -> None:
    assert "HTTPValidationError" not in json.dumps(document)


@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)
def test_operation_ids_are_unique(document: dict[str, Any]) -> None:
    ids = [operation["operationId"] for _, operation in operations(document)]
    assert len(ids) == len(set(ids))


def test_every_command_has_an_operation_with_its_own_schema_and_example() -> None:
    document = read("ledger.openapi.json")
    found = {
        operation["operationId"]: (path, operation) for path, operation in operations(document)
    }
    for name in BY_COMMAND:
        path, operation = found[name]
        content = operation["requestBody"]["content"]["application/json"]
        assert path.startswith("POST /v1/")
        assert path.endswith(f"/{kebab(name)}")
        assert content["schema"] == {"$ref": f"#/components/schemas/{name}"}
        assert content["example"]["decided_on"]
        assert {"400", "409", "412", "422", "428"} <= operation["responses"].keys()


def test_an_application_serves_the_document_that_is_in_the_contracts() -> None:
    service = ProjectionsService(Settings(dsn="", feed_dsn="", zone=ZoneInfo("UTC")), run=False)
    app = Application("Assistance projections", read(NAMES[1])["info"]["description"], [service])
    assert app.openapi() == read(NAMES[1])


def test_the_projections_document_in_the_tree_is_what_the_routes_say(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "projections.contracts", "--check"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(contracts().parent / "services")},
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_document_that_differs_is_named_and_written_anew(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--check", "--root", str(tmp_path)]) == 1
    assert capsys.readouterr().err == "contracts: projections.openapi.json is missing\n"
    assert main(["--root", str(tmp_path)]) == 0
    assert (tmp_path / NAMES[1]).read_bytes() == (contracts() / NAMES[1]).read_bytes()
    (tmp_path / NAMES[1]).write_text("{}")
    assert main(["--check", "--root", str(tmp_path)]) == 1
    assert capsys.readouterr().err == "contracts: projections.openapi.json differs\n"
