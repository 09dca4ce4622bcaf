"""What a model costs stands beside what it is worth: bytes of its files, and rates that were measured before."""

from itertools import permutations
from pathlib import Path

import pytest

from bonepick.core.errors import BonepickError
from bonepick.core.tables import as_csv
from bonepick.reporting.costs import Cost, Rate, costs_of, said_of
from bonepick.reporting.save_comparison import comparison_files
from tests.made_up_evaluations import MadeUp

MADE = MadeUp({"alpha": {"own": 0.9}, "beta": {"own": 0.8}})
FAST = Rate("fasttext", 6_130, 16.6, 2_706, "EPYC <b>|")
SLOW = Rate("model2vec", 900, 2.4, 2_706, "EPYC <b>|")


@pytest.fixture
def models_dir(tmp_path: Path) -> Path:
    (tmp_path / "alpha").mkdir()
    (tmp_path / "alpha/model.bin").write_bytes(bytes(17_200_000))
    (tmp_path / "alpha/manifest.json").write_bytes(bytes(8_000))
    (tmp_path / "alpha/.bonepick.json").write_bytes(bytes(9_000_000))
    return tmp_path


def rates_in(folder: Path, *rates: Rate) -> Path:
    (folder / "rates.csv").write_text(as_csv(Rate._fields, rates))
    return folder / "rates.csv"


def test_of_each_model_what_is_known(models_dir: Path) -> None:
    models = MADE.models()
    kinds = {model.name: model.predictions.kind for model in models}
    assert len(set(kinds.values())) == 2
    rates = rates_in(models_dir, FAST._replace(kind=kinds["alpha"]), SLOW._replace(kind="another"))
    found = costs_of(models, models_dir, rates)
    assert found["alpha"].cells() == ["17.2 MB", "6,130", "16.6"]
    assert found["beta"].cells() == ["-", "-", "-"]


def test_leaderboard_and_reports_show_it() -> None:
    costs = {"alpha": Cost(17_208_000, FAST), "beta": Cost(8_400)}
    files = comparison_files(MADE.comparison().with_costs(costs), {})
    ends = ("on disk,documents/s,MB/s", '17.2 MB,"6,130",16.6', "8.4 kB,-,-")
    for line, end in zip(files["leaderboard.csv"].splitlines(), ends, strict=True):
        assert line.endswith(f",{end}")
    for name in ("leaderboard.md", "report.md"):
        assert "| 17.2 MB |       6,130 | 16.6 |" in files[name]
        assert "on one core of EPYC &lt;b&gt;\\|, normalization included" in files[name]
    page = files["report.html"]
    assert '<td class="n rule">17.2 MB</td><td class="n">6,130</td><td class="n">16.6</td>' in page
    assert '<td class="n rule">8.4 kB</td><td class="n">–</td><td class="n">–</td>' in page
    assert "on one core of EPYC &lt;b&gt;|, normalization included" in page


def test_where_nothing_is_known_of_costs_nothing_is_said() -> None:
    files = comparison_files(MADE.comparison(), {})
    assert not [name for name, text in files.items() if "on disk" in text or "documents/s" in text]


def test_rates_of_several_processors_are_told_apart_in_one_order() -> None:
    costs = [Cost(1, FAST), Cost(1, SLOW), Cost(1, FAST._replace(kind="contrastive", processor="Xeon")), Cost(1)]
    said = {said_of(some) for some in permutations(costs)}
    assert said == {
        "documents/s and MB/s: fasttext and model2vec on one core of EPYC <b>|, normalization included, texts of 2,706 "
        "bytes; contrastive on one core of Xeon, normalization included, texts of 2,706 bytes on average."
    }


@pytest.mark.parametrize("text", ["kind,rate\n", "", ",".join(Rate._fields) + "\nfasttext,many,1.0,2,x\n"])
def test_rates_that_are_damaged_are_said(tmp_path: Path, text: str) -> None:
    (tmp_path / "rates.csv").write_text(text)
    with pytest.raises(BonepickError, match=r"rates\.csv is damaged .*benchmarks/rates\.py"):
        costs_of([], tmp_path, tmp_path / "rates.csv")
