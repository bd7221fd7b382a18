"""/metrics: what was decided and refused, in Prometheus' format, naming nobody."""

import re
from uuid import uuid4

from edge.measures import Histogram, counts, text
from tests.http.running import Running, enrolment, standard

SAMPLE = re.compile(r'([a-z_]+)(?:\{([a-z]+="[^"]*")\})? ([0-9.e+-]+)')


def measured(running: Running) -> dict[str, float]:
    """Every sample by its name and label."""
    answer = running.client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    lines = [line for line in answer.text.splitlines() if not line.startswith("#")]
    found = [SAMPLE.fullmatch(line) for line in lines]
    assert all(found), lines
    return {f"{one[1]} {one[2] or ''}".strip(): float(one[3]) for one in found if one}


def test_commands_are_counted_by_what_became_of_them(own: Running) -> None:
    household = uuid4()
    own.post("/v1/areas/140403/adopt-standard", standard())
    own.enrol(household)
    own.enrol(uuid4(), area="990000")
    own.post(f"/v1/households/{household}/enrol-household", {})
    own.client.get("/nowhere")
    found = measured(own)
    assert found["ledger_commands_accepted_total"] == 2
    assert found['ledger_commands_refused_total type="known-area"'] == 1
    assert found['http_problems_total type="known-area"'] == 1
    assert found['http_problems_total type="wrong-shape"'] == 1
    assert found['http_problems_total type="no-such-path"'] == 1
    assert found["ledger_batch_commands_count"] == found["ledger_batch_seconds_count"] == 3
    assert found['ledger_batch_commands_bucket le="+Inf"'] == 3
    assert found['ledger_batch_commands_bucket le="1"'] == 3
    assert found["ledger_batch_seconds_sum"] > 0


def test_measures_name_no_subject_actor_or_area(own: Running) -> None:
    household, person = uuid4(), uuid4()
    own.post(f"/v1/households/{household}/enrol-household", enrolment(person), actor="somebody")
    said = own.client.get("/metrics").text
    for private in (str(household), str(person), "somebody", "140403"):
        assert private not in said


def test_every_measure_says_what_it_is(own: Running) -> None:
    lines = own.client.get("/metrics").text.splitlines()
    helped = [line.split()[2] for line in lines if line.startswith("# HELP ")]
    typed = [line.split()[2] for line in lines if line.startswith("# TYPE ")]
    assert helped == typed
    assert len(set(helped)) == len(helped)


def test_large_counts_are_written_in_full() -> None:
    assert 'a_total{kind="b"} 12345678901\n' in text(
        [counts("a_total", "A.", "kind", {"b": 12345678901})]
    )


def test_a_histogram_counts_what_is_at_or_below_each_bound() -> None:
    histogram = Histogram(1, 2)
    for value in (0.5, 1, 1.5, 9):
        histogram.observe(value)
    lines = text([histogram.measure("h", "H.")]).splitlines()
    assert lines == [
        "# HELP h H.", "# TYPE h histogram", 'h_bucket{le="1"} 2', 'h_bucket{le="2"} 3',
        'h_bucket{le="+Inf"} 4', "h_sum 12.0", "h_count 4",
    ]  # fmt: skip


def test_a_label_cannot_break_out_of_its_quotes() -> None:
    said = text([counts("a_total", "A.", "kind", {'b"} 1\n\\': 1})])
    assert said.splitlines()[-1] == 'a_total{kind="b\\"} 1\\n\\\\"} 1'
