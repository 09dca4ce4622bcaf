"""What is not seen through thresholds: many names of sources."""

from typing import Any

import numpy as np

from bonepick.metrics.composition import MAX_NAMES, OTHERS
from bonepick.metrics.params import EvalParams
from bonepick.metrics.reweighted import Reweighted


def test_the_rarest_sources_are_counted_together(make: Any) -> None:
    source = [*(f"host{i:03}" for i in range(MAX_NAMES + 20)), *(f"host{i:03}" for i in range(30, MAX_NAMES + 20))]
    rows = make(["neg", "pos"] * (len(source) // 2), [[0.5, 0.5]] * len(source), ["neg", "pos"], source=source)
    composition = Reweighted(rows, EvalParams()).composition("source")
    assert composition is not None
    found = dict(composition.named(np.ones(len(source), dtype=bool)))
    assert len(found) == MAX_NAMES + 1
    assert found[OTHERS] == round(20 / len(source), 6)
    assert found["host009"] == round(1 / len(source), 6) and "host010" not in found
    assert found["host119"] == round(2 / len(source), 6)
    assert list(found) == [*sorted(set(found) - {OTHERS}), OTHERS]
