"""Lists over the command line: computed, frozen, verified, approved, and refused."""

import hashlib
from pathlib import Path

import pytest

from assistance import settings
from assistance.payment_months import freezing
from assistance.payment_months.open_cell import both_services
from ledger.payment_months.receiving import Sender
from projections.payment_lists import computing
from projections.payment_lists.computing import Asked
from projections.projections import AsOf, Projections
from tests.acceptance.payment_cell import AREA, AUGUST, HOME, HOUSEHOLDS, JULY, Cell, standard

pytestmark = pytest.mark.timeout(240)


def test_a_month_goes_from_computing_to_the_last_payment(cell: Cell) -> None:
    computed = cell.done("list", "compute", "--area", AREA, "--month", JULY)
    assert (computed["lines"], computed["total_fen"]) == (HOUSEHOLDS, HOUSEHOLDS * 78_000)
    found = cell.frozen()
    assert cell.done("list", "verify", found)["agrees"] is True
    cell.done("list", "approve", found, "--actor", "officer")
    out = cell.folder / "july.csv"
    cell.done("list", "export", found, "--format", "csv", "--to", str(out), "--actor", "clerk")
    assert cell.report(found, "succ", "succ", "rjct", "pdng").code == 0
    again = cell.done(
        "list", "freeze", "--kind", "reissue", "--reissues", found, "--actor", "clerk"
    )
    cell.done("list", "approve", again["list"], "--actor", "officer")
    assert cell.report(again["list"], "succ").code == 0
    row = cell.reconciled(found)
    assert (row["paid"], row["failed"], row["pending"], row["reissued"]) == (2, 1, 1, 1)
    assert cell.reconciled(again["list"])["paid_fen"] == 78_000
    assert cell.done("list", "show", found)["status"] == "sent"
    assert [row["list"] for row in cell("list", "lists", "--json").rows] == [again["list"], found]
    paid = cell("totals", "--area", AREA, "--from", JULY, "--json").rows[0]
    assert (paid["listed_fen"], paid["paid_fen"]) == (4 * 78_000, 3 * 78_000)
    behind = cell(
        "totals", "--area", AREA, "--from", JULY, "--lines", "--measure", "paid", "--json"
    )
    assert sum(row["fen"] for row in behind.rows) == paid["paid_fen"]


def test_the_documents_written_are_the_bytes_that_are_frozen(cell: Cell) -> None:
    asked = ["list", "compute", "--area", AREA, "--month", JULY]
    out = cell.folder / "july.ndjson"
    assert cell(*asked, "--out", str(out)).code == 0
    assert cell(*asked, "--out", "-").out.encode() == out.read_bytes()
    freeze = (
        "list", "freeze", "--document", str(out), "--actor", "clerk", "--key", "july",
        "--decided-on", "2026-07-05",
    )  # fmt: skip
    frozen = cell.done(*freeze)
    assert frozen["document"] == hashlib.sha256(out.read_bytes()).hexdigest()
    assert f"at position {frozen['computed_at']}," in cell(*freeze).err


def test_an_officer_cannot_approve_what_they_froze(cell: Cell) -> None:
    found = cell.frozen()
    said = cell("list", "approve", found, "--actor", "clerk")
    assert said.code == 4
    assert "approved_by_another" in said.err
    assert "another officer" in said.err
    assert len(said.err.strip().splitlines()) == 1


def test_of_two_officers_who_computed_the_second_has_to_look_again(cell: Cell) -> None:
    out = cell.folder / "july.ndjson"
    assert cell("list", "compute", "--area", AREA, "--month", JULY, "--out", str(out)).code == 0
    found = cell.frozen()
    said = cell("list", "freeze", "--document", str(out), "--actor", "other-clerk")
    assert said.code == 7
    assert len(said.err.strip().splitlines()) == 1
    version = cell.done("list", "show", found)["version"]
    cell.done("list", "approve", found, "--actor", "officer", "--if-version", str(version))
    late = ("list", "cancel", found, "--reason", "wrong_month", "--actor", "clerk")
    assert cell(*late, "--if-version", str(version)).code == 7
    assert cell(*late, "--if-version", str(version + 1)).code == 0


def test_a_list_is_computed_again_when_another_was_frozen_meanwhile(
    cell: Cell, cell_data: Path
) -> None:
    asked_at: list[int] = []

    def ask(_: Projections, as_of: AsOf) -> Asked:
        asked_at.append(as_of.position)
        if len(asked_at) == 1:
            freezing.freeze(both, of("tekun"), Sender("other-clerk", "tekun"))
        return computing.monthly(AREA, JULY, "dibao")

    with both_services(settings.read(cell_data)) as both:
        frozen = freezing.freeze(both, ask, Sender("clerk", "dibao"))
    assert (frozen.lines, frozen.computed_at) == (HOUSEHOLDS, asked_at[-1])
    assert asked_at[1] == asked_at[0] + 1
    assert len(cell("list", "lists", "--json").rows) == 2


def of(programme: str) -> freezing.Ask:
    """Ask for July's list of a programme."""
    return lambda _projections, _as_of: computing.monthly(AREA, JULY, programme)


def test_a_freeze_under_the_same_key_gets_its_first_answer(cell: Cell) -> None:
    freeze = (
        "list", "freeze", "--area", AREA, "--month", JULY, "--actor", "clerk", "--key", "july",
        "--decided-on", "2026-07-05",
    )  # fmt: skip
    first = cell.done(*freeze)
    cell.given(standard(81_500, JULY, "2026-07-11"))
    assert cell.done(*freeze) == first
    assert len(cell("list", "lists", "--json").rows) == 1


def test_a_rejected_list_counts_as_never_listed(cell: Cell) -> None:
    found = cell.frozen()
    cell.done(
        "list", "reject", found, "--reason", "wrong_area", "--note", "no", "--actor", "officer"
    )
    assert cell.done("list", "show", found)["status"] == "rejected"
    assert cell("list", "approve", found, "--actor", "officer").code == 4
    assert cell("list", "reconcile", "--json").rows == []
    assert cell.frozen() != found


@pytest.mark.parametrize(
    "arguments",
    [
        ("list", "compute", "--month", JULY),
        ("list", "compute", "--kind", "weekly"),
        ("list", "compute", "--area", AREA, "--month", "2026-13"),
        ("list", "freeze", "--area", AREA, "--month", JULY, "--actor", "\u674e"),
        ("list", "freeze", "--area", AREA, "--month", JULY, "--actor", "a", "--decided-on", "now"),
        ("list", "lines", HOME[0], "--state", "lost"),
        ("list", "export", HOME[0], "--format", "pdf", "--to", "x", "--actor", "a"),
        ("list", "results", HOME[0], "x", "--format", "pdf", "--actor", "a"),
        ("recovery", "order", HOME[0], "--ground", "whim", "--legal-basis", "x", "--actor", "a"),
        ("recovery", "order", HOME[0], "--ground", "fraud", "--legal-basis", "x", "--actor", "a"),
        ("recovery", "receive", HOME[0], "--amount", "1e3", "--actor", "a"),
        ("totals", "--lines", "--measure", "hoped"),
        ("compare", "--area", AREA, "--month", JULY),
    ],
)  # fmt: skip
def test_wrong_usage_ends_with_2(cell: Cell, arguments: tuple[str, ...]) -> None:
    assert cell(*arguments).code == 2


@pytest.mark.parametrize("verb", ["verify", "show", "lines"])
def test_a_list_that_is_not_there_ends_with_6(cell: Cell, verb: str) -> None:
    assert cell("list", verb, HOME[0]).code == 6


def test_a_month_before_the_areas_first_or_after_the_next_is_not_frozen(cell: Cell) -> None:
    freeze = ("list", "freeze", "--area", AREA, "--actor", "clerk", "--decided-on", "2026-07-05")
    assert "first_listed_month" in cell(*freeze, "--month", "2026-06").err
    said = cell(*freeze, "--month", AUGUST)
    assert (said.code, "next_listed_month" in said.err) == (4, True)


def test_what_is_said_to_people_is_words_not_json(cell: Cell) -> None:
    compute = cell("list", "compute", "--area", AREA, "--month", JULY)
    assert "3,120.00" in compute.out
    frozen = cell(
        "list", "freeze", "--area", AREA, "--month", JULY, "--actor", "clerk", "--list", HOME[1],
        "--decided-on", "2026-07-05",
    )  # fmt: skip
    assert HOME[1] in frozen.err
    assert "same bytes" in cell("list", "verify", HOME[1]).err
    assert "may be paid" in cell("list", "approve", HOME[1], "--actor", "officer").err
    assert "approved by" in cell("list", "show", HOME[1]).out
    assert "3,120.00" in cell("list", "reconcile").out
    assert cell("list", "lists").code == cell("list", "lines", HOME[1]).code == 0


def test_a_list_that_comes_out_otherwise_is_disputed_and_cannot_be_approved(cell: Cell) -> None:
    out = cell.folder / "july.ndjson"
    assert cell("list", "compute", "--area", AREA, "--month", JULY, "--out", str(out)).code == 0
    other = out.read_bytes().replace(b"78000", b"79000", 2).replace(b"312000", b"313000")
    forged = cell.file("forged.ndjson", other)
    found = cell.done(
        "list", "freeze", "--document", str(forged), "--actor", "clerk", "--decided-on",
        "2026-07-05",
    )["list"]  # fmt: skip
    said = cell("list", "verify", found, "--json")
    assert said.code == 5
    assert [(one["frozen_fen"], one["computed_fen"]) for one in said.rows[0]["differences"]] == [
        (79_000, 78_000)
    ]
    approval = cell("list", "approve", found, "--actor", "officer")
    assert (approval.code, "comes out otherwise" in approval.err) == (5, True)
    assert cell("list", "approve", found, "--actor", "officer", "--json").code == 5
    assert cell("list", "verify", found).code == 5
