"""What /metrics counts, in Prometheus' text format: base units, and no label that names anybody."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, NamedTuple

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n"})


class Sample(NamedTuple):
    """One number of a measure; `suffix` is what a histogram adds to the name."""

    value: float
    labels: Mapping[str, str] = {}
    suffix: str = ""


class Measure(NamedTuple):
    """A named quantity: its kind, what it means, its samples."""

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    about: str
    samples: Sequence[Sample]


class Histogram:
    """How often values fell at or below each bound; written by one thread, read by any."""

    def __init__(self, *bounds: float) -> None:
        self._bounds = bounds
        self._counts = [0] * (len(bounds) + 1)
        self._sum = 0.0

    def observe(self, value: float) -> None:
        """Count a value."""
        self._counts[bisect_left(self._bounds, value)] += 1
        self._sum += value

    def measure(self, name: str, about: str) -> Measure:
        """Return the histogram as a measure: cumulative buckets, sum and count."""
        samples, seen = [], 0
        for bound, count in zip((*self._bounds, None), tuple(self._counts), strict=True):
            seen += count
            label = "+Inf" if bound is None else f"{bound:g}"
            samples.append(Sample(seen, {"le": label}, "_bucket"))
        samples += [Sample(self._sum, suffix="_sum"), Sample(seen, suffix="_count")]
        return Measure(name, "histogram", about, samples)


def count(name: str, about: str, value: float) -> Measure:
    """Return a counter without labels."""
    return Measure(name, "counter", about, [Sample(value)])


def counts(name: str, about: str, label: str, values: Mapping[str, int]) -> Measure:
    """Return a counter with one label."""
    return Measure(
        name, "counter", about, [Sample(n, {label: key}) for key, n in sorted(dict(values).items())]
    )


def text(measures: Iterable[Measure]) -> str:
    """Write measures as Prometheus reads them."""
    return "".join(
        f"# HELP {measure.name} {measure.about}\n# TYPE {measure.name} {measure.kind}\n"
        + "".join(_line(measure.name, sample) for sample in measure.samples)
        for measure in measures
    )


def _line(name: str, sample: Sample) -> str:
    labels = ",".join(
        f'{key}="{value.translate(_ESCAPES)}"' for key, value in sample.labels.items()
    )
    shown = f"{{{labels}}}" if labels else ""
    return f"{name}{sample.suffix}{shown} {sample.value!r}\n"
