"""Named SQL texts, and what every projection's files must keep to."""

from __future__ import annotations

import re
from pathlib import Path

import psycopg
import pytest

from edge.contracts import contracts
from projections import catalogue, sql


def test_a_text_includes_others_of_its_folder_and_of_other_folders() -> None:
    text = sql.query("totals", "lines_of_household").decode()
    assert "{{" not in text
    assert "subjects as" in text
    assert "from standards" in text


def test_comments_are_left_out_of_a_text() -> None:
    assert b"--" not in sql.query("totals", "totals")


def test_a_text_that_is_not_there_is_named() -> None:
    with pytest.raises(KeyError, match="no SQL text nothing in totals"):
        sql.query("totals", "nothing")


def test_two_texts_of_one_name_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for file in ("a.sql", "b.sql"):
        (tmp_path / file).write_text("-- name: twice\nselect 1\n")
    monkeypatch.setattr(sql, "FOLDER", tmp_path.parent)
    with pytest.raises(KeyError, match="two SQL texts are named twice"):
        sql.query(tmp_path.name, "twice")


def test_every_text_of_every_folder_can_be_put_together() -> None:
    for path in sql.FOLDER.glob("*/*.sql"):
        for name in re.findall(r"^-- name: (\w+)$", path.read_text(), re.MULTILINE):
            assert sql.query(path.parent.name, name)


def test_every_type_that_a_projection_names_has_a_contract() -> None:
    named = {
        name
        for path in sql.FOLDER.glob("**/*.sql")
        for name in re.findall(r"'(assistance\.\w+\.v\d+)'", path.read_text())
    }
    assert len(named) > 30
    assert named <= set(catalogue.known_types())
    assert len(catalogue.known_types()) == len(list((contracts() / "facts").glob("*.json")))


def test_no_two_projections_have_a_table_of_the_same_name(dsn: str) -> None:
    names = [projection.name for projection in catalogue.projections()]
    with psycopg.connect(dsn) as connection:
        tables = [
            row[0]
            for row in connection.execute(
                "select tablename from pg_tables where schemaname = any (%s)", (names,)
            )
        ]
    assert "standings" in tables
    assert len(tables) == len(set(tables))
