"""Two runs to one target at once: one result, whole, and nothing beside it; who loses says so in one clear line."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.running import Running, fault, names, with_marker

Start, Tree = Callable[..., Running], Callable[[Path], dict[str, bytes]]


def test_two_commands(tmp_path: Path, data: dict[str, Path], start: Start, tree: Tree) -> None:
    words = ["normalize-dataset", "-n", "potion", "-i", data["rows"], "-p", 2, "-o"]
    assert start(*words, tmp_path / "alone").ended().code == 0
    for number, overwrite in enumerate([[], ["--overwrite"]] * 2):
        target = tmp_path / str(number) / "out"
        both = [start(*words, target, *overwrite), start(*words, target, *overwrite)]
        lost = [fault(ended) for running in both if (ended := running.ended()).code]
        assert len(lost) < 2
        assert all(f"{target} exists and is not empty" in line for line in lost)
        assert (names(target.parent), tree(target)) == (["out"], tree(tmp_path / "alone"))


@pytest.mark.parametrize("older", [False, True], ids=["no result before", "overwrite"])
def test_a_second_run_before_each_step_of_the_first(tmp_path: Path, start: Start, older: bool) -> None:
    """Two commands that start together rarely get into each other's way; here they do at every step."""
    ended = start("joined", tmp_path, *["older"] * older, python=("-m", "tests.faults.steps")).ended()
    assert ended.code == 0, ended.err
    met = [json.loads(line) for line in ended.out.splitlines()]
    assert len(met) > 10, "the program sees its steps"
    results = [with_marker({"rows": f"{content}\n", "deep/rows": f"{content}\n"}) for content in ("new", "other")]
    for one in met:
        assert one["left"] == ["out"], one
        assert one["found"] in results, one
        assert one["said"].count("done") in ((1, 2) if older else (1,)), (
            one
        )  # without --overwrite the second is refused
    unclear = [one for one in met if any(said != "done" and not said.startswith("refused: ") for said in one["said"])]
    assert not unclear, "a fault that is none of the person's"
