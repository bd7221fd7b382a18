"""`make demo-kafka`: the published figures, through a real Kafka."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

TOP = Path(__file__).parents[2]


@pytest.mark.timeout(300)
def test_the_demo_through_kafka_comes_to_the_published_figures() -> None:
    environment = {**os.environ, "PYTHONPATH": f"{TOP / 'services'}:{TOP}", "NO_COLOR": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "deploy.kafka.demo"], cwd=TOP, env=environment, capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "the projections have reached" in done.stdout.lower()
    assert "30,703,124.00" in done.stdout
