"""The contracts in the tree are what the fact classes say; the program that writes them."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ledger.catalogue import WORDS
from ledger.commands import Envelope
from ledger.contracts import CONTRACTS, main
from ledger.fact import BY_TOPIC


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A copy of the contracts that a test may spoil."""
    for folder in ("facts", "commands", "messages", "signals"):
        if (CONTRACTS / folder).exists():
            shutil.copytree(CONTRACTS / folder, tmp_path / folder)
    for name in ("ledger.openapi.json", "asyncapi.yaml"):
        shutil.copy(CONTRACTS / name, tmp_path)
    return tmp_path


def check(root: Path) -> int:
    """Check a folder of contracts and return the exit code."""
    return main(["--check", "--root", str(root)])


def test_the_contracts_in_the_tree_are_what_the_classes_say() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ledger.contracts", "--check"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(CONTRACTS.parent / "services")},
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_schema_edited_by_hand_is_named_and_written_anew(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = root / "facts" / "TierChanged.v1.json"
    before = path.read_bytes()
    path.write_bytes(before.replace(b'"type": "object"', b'"type": "string"', 1))

    assert check(root) == 1
    assert capsys.readouterr().err == "contracts: facts/TierChanged.v1.json differs\n"

    assert main(["--root", str(root)]) == 0
    assert path.read_bytes() == before


def test_a_missing_schema_of_a_command_is_named_and_written_anew(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = root / "commands" / "ChangeTier.v1.json"
    before = path.read_bytes()
    path.unlink()

    assert check(root) == 1
    assert capsys.readouterr().err == "contracts: commands/ChangeTier.v1.json is missing\n"

    assert main(["--root", str(root)]) == 0
    assert path.read_bytes() == before


@pytest.mark.parametrize("name", ["ledger.openapi.json", "asyncapi.yaml"])
def test_a_document_edited_by_hand_is_named_and_written_anew(
    root: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    before = (root / name).read_bytes()
    (root / name).write_bytes(before.replace(b"assistance.TierChanged.v1", b"other", 1) + b"\n")

    assert check(root) == 1
    assert capsys.readouterr().err == f"contracts: {name} differs\n"

    assert main(["--root", str(root)]) == 0
    assert (root / name).read_bytes() == before


def test_a_message_without_its_schema_is_named(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (root / "messages" / "Outcome.v1.json").unlink()

    assert main(["--root", str(root)]) == 1
    assert capsys.readouterr().err == "contracts: messages/Outcome.v1.json is missing\n"


def test_the_first_published_shape_of_a_contract_is_kept_and_never_changed(
    root: Path, tmp_path: Path
) -> None:
    kept = tmp_path / "kept" / "facts" / "TierChanged.v1.json"
    asked = ["--root", str(root), "--first-published", str(tmp_path / "kept")]

    assert main(asked) == 0
    assert "description" not in json.loads(kept.read_bytes())
    kept.write_text("as it was first published")
    assert main(asked) == 0
    assert kept.read_text() == "as it was first published"


def test_a_fact_without_an_example_is_not_written(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = root / "facts" / "TierChanged.v1.json"
    path.unlink()

    assert main(["--root", str(root)]) == 1
    assert "facts/TierChanged.v1.json has no example" in capsys.readouterr().err
    assert not path.exists()


def test_a_new_facts_file_may_start_as_its_example_alone(root: Path) -> None:
    path = root / "facts" / "TierChanged.v1.json"
    before = path.read_bytes()
    path.write_text(json.dumps({"examples": json.loads(before)["examples"]}))

    assert main(["--root", str(root)]) == 0
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('"tier": "C"', '"tier": "low"', "cannot read"),
        ('"tier": "C"', '"tier": "C", "colour": "red"', "cannot read"),
        ('"rank": 6', '"rank": 6, "migrated": false', "not as stored"),
    ],
)
def test_an_example_that_is_not_as_stored_is_refused(
    root: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, fault: str
) -> None:
    path = root / "facts" / "TierChanged.v1.json"
    spoilt = path.read_text().replace(old, new)
    path.write_text(spoilt)

    assert main(["--root", str(root)]) == 1
    assert fault in capsys.readouterr().err
    assert path.read_text() == spoilt


def test_a_schema_that_belongs_to_no_fact_is_named_and_left_alone(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = root / "facts" / "HouseholdForgotten.v1.json"
    path.write_text("{}")

    assert main(["--root", str(root)]) == 1
    assert "facts/HouseholdForgotten.v1.json belongs to no fact" in capsys.readouterr().err
    assert path.exists()


def test_every_word_of_the_catalogue_describes_a_field() -> None:
    described = set()
    for kind in BY_TOPIC.values():
        schema = json.loads((CONTRACTS / "facts" / f"{kind.name}.v1.json").read_bytes())
        for struct, part in {kind.name: schema, **schema.get("$defs", {})}.items():
            for field, about in part["properties"].items():
                described |= {
                    key
                    for key in (field, f"{struct}.{field}")
                    if WORDS.get(key) == about["description"]
                }
    envelope = {key for key in WORDS if key.startswith("Envelope.")}
    assert {key.partition(".")[2] for key in envelope} <= set(Envelope.__struct_fields__)
    assert set(WORDS) - described == envelope
