"""The documentation keeps up with the tree: links, the README's tree, the generated reference."""

import re
import subprocess
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest
import typer

from assistance import cli
from assistance.handbook import __main__ as handbook
from assistance.handbook import command_line, environment, pages, refusals
from assistance.handbook.markdown import anchor
from ledger.fact import BY_TOPIC

ROOT = Path(__file__).resolve().parents[2]
LINK = re.compile(r"\]\(([^)\s]+)\)")
FENCE = re.compile(r"^ *```.*?^ *```", re.DOTALL | re.MULTILINE)
BRANCH = re.compile(r"^( *)([\w.-]+)/(?: {2,}(.+))?$")
UNTOLD = {".ci"}
"""Folders that are nobody's to read."""


@cache
def kept_files() -> tuple[Path, ...]:
    """What git keeps or would keep, relative to the root."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    names = [name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]
    return tuple(sorted({Path(name) for name in names}))


def markdown_files() -> list[Path]:
    return [path for path in kept_files() if path.suffix == ".md"]


def prose(path: Path) -> str:
    """A page without its blocks of code."""
    return FENCE.sub("", (ROOT / path).read_text(encoding="utf-8"))


def anchors(path: Path) -> set[str]:
    headings = re.findall(
        r"^#+ (.+)$", FENCE.sub("", path.read_text(encoding="utf-8")), re.MULTILINE
    )
    return {anchor(heading) for heading in headings}


def links() -> Iterator[tuple[Path, str, str]]:
    """Each relative link: the page, the file that it leads to, the anchor in it."""
    for page in markdown_files():
        for target in LINK.findall(prose(page)):
            if not re.match(r"[a-z]+:", target):
                file, _, place = target.partition("#")
                yield page, file, place


def tree_of_readme() -> dict[Path, str]:
    """The folders in the README's tree, each with its words."""
    drawn = (ROOT / "README.md").read_text(encoding="utf-8").partition("## The tree")[2]
    found: dict[Path, str] = {}
    above: list[str] = []
    for line in drawn.partition("```text\n")[2].partition("```")[0].splitlines():
        branch = BRANCH.match(line)
        assert branch, f"a line of the tree is no folder: {line!r}"
        depth = len(branch.group(1)) // 2
        above = [*above[:depth], branch.group(2)]
        found[Path(*above)] = branch.group(3) or ""
    return found


def refuse(places: Iterable[str], what_to_do: str) -> None:
    listed = sorted(places)
    assert not listed, f"{what_to_do}:\n  " + "\n  ".join(listed)


def test_every_relative_link_leads_somewhere() -> None:
    refuse(
        (
            f"{page}: {file}#{place}".rstrip("#")
            for page, file, place in links()
            for target in [(ROOT / page).parent / file if file else ROOT / page]
            if not target.exists() or (place and place not in anchors(target))
        ),
        "Mend these links",
    )


def test_every_page_can_be_reached_from_the_readme() -> None:
    reached = {Path("README.md")}
    while True:
        found = {
            ((ROOT / page).parent / file).resolve().relative_to(ROOT)
            for page, file, _ in links()
            if page in reached and file
        }
        found |= {path / "README.md" for path in found if (ROOT / path).is_dir()}
        if found <= reached:
            break
        reached |= found
    documented = {page for page in markdown_files() if page.parts[0] == "docs"}
    refuse(map(str, documented - reached), "Link these pages from the index of their folder")


def test_the_readme_draws_the_whole_tree() -> None:
    folders = {folder for path in kept_files() for folder in path.parents if folder.parts}
    folders = {folder for folder in folders if folder.parts[0] not in UNTOLD}
    drawn = set(tree_of_readme())
    refuse(map(str, folders - drawn), "Draw these folders in the README's tree, a line each")
    refuse(
        map(str, drawn - folders), "Take these out of the README's tree: there is no such folder"
    )


def test_the_readme_says_of_every_folder_what_it_is() -> None:
    refuse(
        (str(folder) for folder, words in tree_of_readme().items() if not words),
        "Say in the README's tree what these folders hold",
    )


def test_the_reference_is_what_contracts_and_code_say() -> None:
    refuse(pages.differences(handbook.REFERENCE), "Run `make contracts` and look at the difference")


def test_every_command_of_the_command_line_is_in_the_reference() -> None:
    page = (handbook.REFERENCE / "command-line.md").read_text(encoding="utf-8")
    root = typer.main.get_command(cli.app)
    known = [words for words, _ in command_line.commands(root)]
    assert {"assistance import", "assistance ledger serve"} <= set(known)
    refuse((words for words in known if f"## {words}\n" not in page), "Run `make contracts`")


def test_every_variable_of_the_environment_is_in_the_reference() -> None:
    page = (handbook.REFERENCE / "environment.md").read_text(encoding="utf-8")
    known = environment.variables()
    assert {"LEDGER_DSN", "ASSISTANCE_DATA", "PROJECTIONS_DSN"} <= known.keys()
    refuse((name for name in known if f"`{name}`" not in page), "Run `make contracts`")


def test_every_fact_is_in_the_reference() -> None:
    written = "".join(pages.pages().values())
    refuse(
        (kind.name for kind in BY_TOPIC.values() if f"\n### {kind.name}\n" not in written),
        "Run `make contracts`",
    )


def test_a_refusal_is_told_with_its_way_out_its_law_and_its_day() -> None:
    heard = next(one for one in refusals.refusals() if one.rule == "opinion_heard")
    (said,) = heard.said
    assert said[0].startswith("The decision means: {kinds}")
    assert "HearOpinion" in said[1]
    assert (heard.articles, heard.since) == ({"48"}, {"2026-07-01"})


def test_every_rule_that_the_code_names_is_told() -> None:
    named = {
        name
        for path in (ROOT / "services" / "ledger").rglob("*.py")
        for name in re.findall(r'Refused\(\s*"(\w+)"', path.read_text(encoding="utf-8"))
    }
    assert "one_basic_roll" in named
    refuse(
        named - {one.rule for one in refusals.refusals()}, "Teach refusals.py to find these rules"
    )


def test_writing_the_reference_mends_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["--root", str(tmp_path)]
    assert handbook.main(asked) == 0
    assert handbook.main([*asked, "--check"]) == 0
    (tmp_path / "problems.md").write_text("# Problems\n", encoding="utf-8")
    (tmp_path / "commands.md").unlink()
    (tmp_path / "left.md").write_text("# Left\n", encoding="utf-8")
    assert handbook.main([*asked, "--check"]) == 1
    told = capsys.readouterr().err
    assert "problems.md differs" in told
    assert "commands.md is missing" in told
    assert "left.md is written by nobody" in told
    assert handbook.main(asked) == 0
    assert handbook.main([*asked, "--check"]) == 0
