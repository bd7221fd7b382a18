"""The command line as a user meets it: the demo loaded once, then every question asked of it."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import orjson
import pytest

from assistance.demo import LIVES, life
from tests.acceptance.command_line import CommandLine

pytestmark = pytest.mark.timeout(240)


@pytest.fixture(scope="module")
def demo_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the demo in it, loaded by the command itself."""
    data = tmp_path_factory.mktemp("demo") / "data"
    command = [sys.executable, "-m", "assistance.cli", "demo", "--json", "--data", str(data)]
    done = subprocess.run(command, check=True, capture_output=True, env=_environment())
    (data / "figures").write_bytes(done.stdout)
    return data


@pytest.fixture
def assistance(demo_data: Path, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    """The command line over the demo."""
    return CommandLine(demo_data, capsys)


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}


def test_the_demo_equals_every_published_figure(demo_data: Path) -> None:
    rows = [orjson.loads(line) for line in (demo_data / "figures").read_bytes().splitlines()]
    assert len([row for row in rows if "published" in row]) == 19
    assert all(row["equal"] for row in rows), rows


def test_the_demos_lists_add_up_and_november_carries_arrears(demo_data: Path) -> None:
    rows = [orjson.loads(line) for line in (demo_data / "figures").read_bytes().splitlines()]
    october, again, november = (row for row in rows if "listed_fen" in row)
    assert october["failed"] + october["returned"] == again["lines"] == again["paid"]
    assert october["closed"] == 1
    assert (october["arrears_fen"], october["pending"]) == (0, 0)
    assert november["arrears_fen"] == 158_719_20
    assert november["failed"] > 0
    assert november["pending"] > 0
    sent = (demo_data / "demo-november.g2p.ndjson").read_bytes().splitlines()
    assert sum(orjson.loads(line)["header"]["total_count"] for line in sent) == november["lines"]


def test_a_second_demo_changes_nothing_and_tells_the_lives(
    assistance: CommandLine, demo_data: Path
) -> None:
    said = assistance("demo")
    assert said.code == 0
    assert assistance("demo", "--json").out.encode() == (demo_data / "figures").read_bytes()
    assert "16,485 loaded before), 0 new facts" in said.err
    for told in LIVES:
        assert told.title in said.out
    assert "1,360.00 a month" in said.out


def test_totals_answer_in_json_and_as_a_table(assistance: CommandLine) -> None:
    asked = ["totals", "--area", "140403", "--programme", "dibao.urban", "--from", "2023-01"]
    rows = assistance(*asked, "--to", "2023-09", "--json").rows
    assert rows[0]["entitled_fen"] == 30_703_124_00
    by_month = assistance(*asked, "--to", "2023-09", "--by", "month", "--by", "county").out
    assert "2023-09" in by_month
    assert "140403" in by_month
    lines = assistance(*asked, "--lines", "--json").rows
    assert sum(line["covered"] for line in lines) == rows[0]["person_times"] - sum(
        row["person_times"]
        for row in assistance(*asked, "--to", "2023-09", "--by", "month", "--json").rows
        if row["month"] != "2023-01"
    )


def test_totals_as_of_an_earlier_position_differ(assistance: CommandLine) -> None:
    asked = ["totals", "--area", "140403", "--from", "2023-01", "--json"]
    now = assistance(*asked).rows[0]
    before = assistance(*asked, "--position", "2000").rows[0]
    assert before["households"] < now["households"]
    nothing = assistance(*asked, "--known-at", "2020-01-01T00:00:00Z").rows[0]
    assert nothing["households"] == 0


def test_rolls_say_who_is_new_and_who_left(assistance: CommandLine) -> None:
    months = ["--from", "2023-01", "--to", "2023-09", "--json"]
    rows = assistance("roll", "--area", "140403", "--roll", "dibao.urban", *months).rows
    assert sum(row["new_households"] for row in rows) == 149
    members = assistance(
        "roll", "--roll", "dibao.urban", "--members", "--limit", "3", "--from", "2023-01", "--json"
    )
    assert len(members.rows) == 3


def test_a_history_reads_as_told(assistance: CommandLine) -> None:
    said = assistance("history", life("after-a-stroke"))
    assert said.code == 0
    assert said.out.index("Emergency aid granted") < said.out.index("Paperwork completed")
    assert said.out.index("Paperwork completed") < said.out.index("Household enrolled")
    (told,) = assistance("history", life("after-a-stroke"), "--json").rows
    assert told["amounts"][-1]["entitled_fen"] == 136_000


def test_a_household_of_which_nothing_is_known_ends_with_6(assistance: CommandLine) -> None:
    said = assistance("history", "00000000-0000-7000-8000-000000000000")
    assert said.code == 6
    assert len(said.err.strip().splitlines()) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("exits", "--area", "140403", "--from", "2023-02", "--limit", "5"),
        ("exits", "--area", "140403", "--from", "2023-02", "--counts"),
        ("outstanding", "--on", "2022-03-28"),
        ("leads",),
        ("leads", "exit_not_notified", "--limit", "5"),
        ("alerts", "--on", "2023-06-01"),
        ("alerts", "--referrals"),
        ("assistance-list", life("large-medical-bill"), "--month", "2023-03"),
        ("doctor",),
    ],
)
def test_every_question_answers_as_table_and_as_json(
    assistance: CommandLine, arguments: tuple[str, ...]
) -> None:
    said = assistance(*arguments)
    assert said.code == 0
    assert said.out.strip()
    as_json = assistance(*arguments, "--json")
    assert as_json.code == 0
    assert all(isinstance(row, dict) for row in as_json.rows)


def test_medical_aid_of_nearly_thirty_thousand_is_on_the_list(assistance: CommandLine) -> None:
    household = life("large-medical-bill")
    (found,) = assistance("assistance-list", household, "--month", "2023-03", "--json").rows
    assert [line for line in found["lines"] if line["quantity"] == 2_986_000]


def test_rebuild_projects_every_fact_anew(assistance: CommandLine) -> None:
    before = assistance("totals", "--area", "14", "--from", "2023-05", "--json").out
    assert assistance("rebuild", "--json").rows == [{"facts": 36_634}]
    assert assistance("rebuild", "register").code == 0
    assert assistance("totals", "--area", "14", "--from", "2023-05", "--json").out == before
    assert assistance("rebuild", "nonsense").code == 2


def test_migrate_says_that_the_schema_is_up_to_date(assistance: CommandLine) -> None:
    assert assistance("migrate", "--json").rows == [{"applied": []}]
    assert "up to date" in assistance("migrate").err


def test_areas_are_loaded_from_a_file_and_a_bad_line_is_named(
    assistance: CommandLine, tmp_path: Path
) -> None:
    file = tmp_path / "areas.csv"
    file.write_text("code,name,kind\n140403777,A new town,town\n", encoding="utf-8")
    assert assistance("areas", "load", str(file), "--json").rows == [{"changed": 1}]
    file.write_text("code,name,kind\n14040,Half a town,town\n", encoding="utf-8")
    said = assistance("areas", "load", str(file))
    assert said.code == 2
    assert "ine 2" in said.err


def test_wrong_usage_ends_with_2(assistance: CommandLine) -> None:
    assert assistance("totals", "--from", "2023-13").code == 2
    assert assistance("totals", "--by", "continent").code == 2
    assert assistance("outstanding", "--on", "yesterday").code == 2
    assert assistance("totals", "--known-at", "noon").code == 2
    assert assistance("import", "no-such-file.ndjson").code == 2


def test_migrate_dsn_without_ledger_dsn_is_refused(
    assistance: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MIGRATE_DSN", "host=nowhere.invalid")
    said = assistance("migrate")
    assert said.code == 3
    assert "LEDGER_DSN" in said.err


def test_doctor_says_in_one_finding_why_nothing_runs(
    assistance: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEDGER_DSN", "host=127.0.0.1 port=9 dbname=none user=ledger_service")
    said = assistance("doctor", "--json")
    assert said.code == 5
    assert said.rows[0]["severity"] == "error"


def test_serve_answers_the_hints_and_ends_cleanly_on_sigterm(demo_data: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "assistance.cli", "serve", "--hints", "--port", str(port)]
    with subprocess.Popen(
        [*command, "--data", str(demo_data)],
        env=_environment(),
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        hinted = _lines_with_curl(process)
        answers = [_fetch(url) for url in hinted]
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    assert len(answers) == 3
    assert all(b"position" in answer for answer in answers)
    assert not (demo_data / "postgres" / "postmaster.pid").exists()


def _lines_with_curl(process: subprocess.Popen[str]) -> list[str]:
    assert process.stdout is not None
    found: list[str] = []
    for line in process.stdout:
        if "curl" in line:
            found.append(line.split("'")[1])
        if "Ctrl-C" in line:
            break
    return found


def _fetch(url: str) -> bytes:
    for _ in range(100):
        try:
            with urlopen(url) as answer:  # noqa: S310  the url is the product's own hint
                return bytes(answer.read())
        except URLError:
            time.sleep(0.1)
    raise AssertionError(f"{url} does not answer")
