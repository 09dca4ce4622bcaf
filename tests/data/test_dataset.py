"""A dataset is opened once, and tells what lies in it and what it went through."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from bonepick.core.errors import BonepickError, UsageError
from bonepick.core.replacing import Marker
from bonepick.data.dataset import Dataset
from bonepick.data.dataset_info import DatasetInfo, Provenance
from bonepick.data.label_forms import ONE_LABEL, LabelForm
from bonepick.data.rows import RowParams
from bonepick.data.several_datasets import (
    common_label_form,
    common_normalizer,
    joined_shards,
    refuse_repeated,
    same_label_form,
)
from bonepick.data.writer import DatasetWriter, Line
from bonepick.preparation.convert import ConvertParams, convert_to_fasttext
from bonepick.preparation.sample import SampleParams, sample_dataset
from bonepick.text.identity import NormalizerIdentity
from tests.tiny import write_shards

Write = Callable[..., Path]
POTION = NormalizerIdentity("potion", 1)
PLSFIX = NormalizerIdentity("plsfix", 1)


def made(
    folder: Path,
    normalizer: NormalizerIdentity | None = None,
    label_form: LabelForm = ONE_LABEL,
    file: str = "train/a.jsonl.zst",
) -> Dataset:
    folder.mkdir(parents=True)
    with DatasetWriter(folder) as writer:
        writer.write("train", file, [Line(b"{}")])
        writer.finish(Provenance("x", RowParams(), normalizer, label_form))
    return Dataset.open(folder)


def foreign(folder: Path, file: str = "train/a.jsonl") -> Dataset:
    (folder / file).parent.mkdir(parents=True)
    (folder / file).write_text("__label__a text\n")
    return Dataset.open(folder)


def test_a_dataset_of_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made(tmp_path / "rows", POTION, LabelForm(bin_edges=(1.0,)))
    (tmp_path / "rows" / "test").mkdir()
    (tmp_path / "rows" / "test" / "b.jsonl").write_bytes(b"")
    monkeypatch.chdir(tmp_path / "rows")
    dataset = Dataset.open_splits(Path())
    assert (dataset.path, dataset.name, dataset.is_lines, dataset.has_splits) == (Path(), "rows", False, True)
    assert [shard.mirror for shard in dataset.shards] == ["train/a.jsonl.zst", "test/b.jsonl.zst"]
    assert dataset.split("test", "valid") == dataset.shards[1:]
    assert (dataset.normalizer, dataset.label_form) == (POTION, LabelForm(bin_edges=(1.0,)))
    assert dataset.info
    assert len(dataset.digest) == 64


def test_an_operation_reads_each_description_once(
    tmp_path: Path, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Read again, it could be another one by then."""
    rows = [{"text": f"text {n}", "score": n} for n in range(4)]
    inputs = [write(tmp_path / name, {"train/a.jsonl": rows}) for name in "ab"]
    asked: list[Path] = []
    load = DatasetInfo.load
    monkeypatch.setattr(DatasetInfo, "load", lambda folder: asked.append(folder) or load(folder))
    sample_dataset(inputs, tmp_path / "sample", SampleParams(rate=0.5), RowParams())
    convert_to_fasttext(inputs[0], tmp_path / "lines", ConvertParams(auto=2), RowParams())
    assert asked == [*inputs, inputs[0]]


def test_a_dataset_made_elsewhere_says_nothing(tmp_path: Path) -> None:
    dataset = foreign(tmp_path / "a")
    assert (dataset.info, dataset.normalizer, dataset.label_form, dataset.digest) == (None, None, ONE_LABEL, "")


def test_fasttext_lines_are_no_rows(tmp_path: Path) -> None:
    dataset = foreign(tmp_path / "a", "valid.txt")
    assert (dataset.is_lines, dataset.shards) == (True, [])
    for open_rows in (Dataset.open_rows, Dataset.open_splits):
        with pytest.raises(BonepickError, match="a holds fastText lines: wanted rows, as they are before conversion"):
            open_rows(tmp_path / "a")


def test_a_plain_tree_has_no_splits(tmp_path: Path) -> None:
    foreign(tmp_path / "a", "deep/x.jsonl")
    assert not Dataset.open_rows(tmp_path / "a").has_splits
    with pytest.raises(BonepickError, match="a has no train/, valid/ or test/ folder"):
        Dataset.open_splits(tmp_path / "a")


ROWS = [{"text": "x", "score": 1}]
FLAT = (
    "test.jsonl, train.jsonl are named like splits, and lie in no folders train/, valid/, test/: "
    "import-hf-dataset -n {} -o DIR makes a dataset of all"
)


def test_files_that_are_named_like_splits_are_said_where_they_stay_and_refused_elsewhere(
    tmp_path: Path, notes: list[str]
) -> None:
    write_shards(tmp_path / "a", {"train.jsonl": ROWS, "test.jsonl": ROWS})
    said = f"{tmp_path / 'a'}: {FLAT.format(tmp_path / 'a')}"
    assert [shard.name for shard in Dataset.open_rows(tmp_path / "a").shards] == ["test", "train"]
    assert notes == [said]
    refusals = [partial(Dataset.open_rows, mixed=True), Dataset.open_splits, Dataset.open_splits_or_lines]
    for refuse in refusals:
        with pytest.raises(BonepickError) as caught:
            refuse(tmp_path / "a")
        assert str(caught.value) == said
    assert notes == [said]


def test_a_name_alone_makes_no_splits(tmp_path: Path, notes: list[str]) -> None:
    write_shards(tmp_path / "a", {"train-0.jsonl": ROWS, "train-1.jsonl": ROWS})
    Dataset.open_rows(tmp_path / "a", mixed=True)
    assert notes == []
    with pytest.raises(BonepickError, match=r"a has no train/, .*: wanted a dataset with splits; import-hf-dataset -n"):
        Dataset.open_splits_or_lines(tmp_path / "a")


def test_what_is_named_like_a_split_beside_splits_is_said(tmp_path: Path, notes: list[str]) -> None:
    write_shards(tmp_path / "a", {"train/a.jsonl": ROWS, "test/a.jsonl": ROWS, "dataset/a.jsonl": ROWS})
    Dataset.open(tmp_path / "a")
    assert notes == []
    write_shards(tmp_path / "a", {"validation/a.jsonl": ROWS, "dev-00000.parquet": b""})
    Dataset.open(tmp_path / "a")
    (said,) = notes
    assert "not read beside the folders of splits, and named like one: dev-00000.parquet, validation: import-hf" in said


@pytest.mark.parametrize(
    ("rows", "stray", "said"),
    [
        ("train/a.jsonl", "test.txt", r"a holds fastText lines \(test\.txt\) and rows \(train/\): move away"),
        ("test/part/a.jsonl.gz", "train.txt", r"\(train\.txt\) and rows \(test/\)"),
        ("a.jsonl", "valid.txt", r"\(valid\.txt\) and rows \(a\.jsonl\)"),
    ],
)
def test_lines_beside_rows_are_not_taken_in_their_stead(tmp_path: Path, rows: str, stray: str, said: str) -> None:
    write_shards(tmp_path / "a", {rows: ROWS})
    (tmp_path / "a" / stray).write_text("__label__neg words\n")
    for opened in (Dataset.open, Dataset.open_splits_or_lines, Dataset.open_rows):
        with pytest.raises(BonepickError, match=said):
            opened(tmp_path / "a")


def test_lines_lie_beside_what_is_no_rows(tmp_path: Path) -> None:
    write_shards(tmp_path / "a", {"quarantine/train/a.jsonl": ROWS})
    for name in ("test.txt", "test.origins.jsonl", "labels.json", "README.md"):
        (tmp_path / "a" / name).write_text("__label__neg words\n")
    (tmp_path / "a" / "train").mkdir()
    assert Dataset.open(tmp_path / "a").is_lines


def test_what_is_no_dataset_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BonepickError, match="nowhere is not there"):
        Dataset.open(tmp_path / "nowhere")
    with pytest.raises(BonepickError, match="holds no shards"):
        Dataset.open(tmp_path)


@pytest.mark.parametrize("content", ["", "{}", "[]", "not json", '{"made_by": 3}', '{"format": 1'])
def test_a_description_that_cannot_be_read_is_said(tmp_path: Path, content: str) -> None:
    foreign(tmp_path / "a")
    (tmp_path / "a" / "dataset.json").write_text(content)
    for read in (DatasetInfo.load, Dataset.open):
        with pytest.raises(BonepickError, match=r"dataset\.json is damaged .*: make the dataset again"):
            read(tmp_path / "a")


def test_what_is_left_to_apply(tmp_path: Path) -> None:
    raw, normalized = made(tmp_path / "raw"), made(tmp_path / "normalized", POTION)
    assert raw.normalizer_left(POTION) == foreign(tmp_path / "foreign").normalizer_left(POTION) == POTION
    assert raw.normalizer_left(None) is normalized.normalizer_left(None) is normalized.normalizer_left(POTION) is None
    assert foreign(tmp_path / "lines", "test.txt").normalizer_left(POTION) is None
    for other in (PLSFIX, NormalizerIdentity("potion", 2)):
        with pytest.raises(BonepickError, match=r"is normalized with potion .*, wanted is .*: take the rows before"):
            normalized.normalizer_left(other)


def test_only_what_is_not_known_is_said(tmp_path: Path, notes: list[str]) -> None:
    raw, normalized, other = made(tmp_path / "raw"), made(tmp_path / "normalized", POTION), foreign(tmp_path / "other")
    for dataset in (raw, normalized):
        dataset.say_unknown_normalizer(POTION)
    assert notes == []
    lines = foreign(tmp_path / "lines", "test.txt")
    for dataset, wanted in ((other, POTION), (lines, POTION), (normalized, None), (raw, None), (other, None)):
        dataset.say_unknown_normalizer(wanted)
    beginnings = [
        f"{other.path} does not say whether it is normalized: potion is applied to it",
        f"{lines.path} does not say whether it is normalized: its lines are taken as they are",
        f"{normalized.path} is normalized with potion; whether the model wants that is not known",
        f"texts of {raw.path} are taken as they are: the model does not say which normalizer",
        f"texts of {other.path} are taken as they are: the model does not say which normalizer",
    ]
    assert [note[: len(start)] for note, start in zip(notes, beginnings, strict=True)] == beginnings


def test_normalizers_that_agree_are_the_common_one(tmp_path: Path, notes: list[str]) -> None:
    assert common_normalizer([made(tmp_path / name, POTION) for name in "ab"]) == POTION
    assert common_normalizer([made(tmp_path / "raw")]) is None
    assert notes == []


@pytest.mark.parametrize("other", [None, PLSFIX, NormalizerIdentity("potion", 2)])
def test_normalizers_that_differ_are_refused(tmp_path: Path, other: NormalizerIdentity | None) -> None:
    datasets = [made(tmp_path / "a", POTION), made(tmp_path / "b", other)]
    for some in (datasets, datasets[::-1]):
        with pytest.raises(BonepickError, match="normalizers differ"):
            common_normalizer(some)


def test_a_dataset_that_says_nothing_beside_one_that_does_is_not_taken_for_normalized_silently(
    tmp_path: Path, notes: list[str]
) -> None:
    assert common_normalizer([made(tmp_path / "a", POTION), foreign(tmp_path / "foreign")]) is None
    where = tmp_path / "foreign"
    assert notes == [f"{where} does not say whether it is normalized, other inputs do: taken as not known"]


def test_label_forms_that_differ_are_refused(tmp_path: Path) -> None:
    bins = LabelForm(bin_edges=(1.0,))
    first, second, other = made(tmp_path / "a", None, bins), made(tmp_path / "b", None, bins), made(tmp_path / "c")
    assert common_label_form([first, second]) == bins
    with pytest.raises(BonepickError, match=r"labels of \S*/a and \S*/c were read differently"):
        common_label_form([first, second, other])
    with pytest.raises(BonepickError, match="labels of x and z were read differently"):
        same_label_form([(Path("x"), bins), (Path("y"), bins), (Path("z"), ONE_LABEL)])


def test_shards_of_several_datasets_are_kept_apart(tmp_path: Path) -> None:
    one, tree = made(tmp_path / "a"), foreign(tmp_path / "b", "deep/x.jsonl")
    assert joined_shards([one]) == one.shards
    assert [(shard.path, shard.mirror) for shard in joined_shards([one, tree])] == [
        (tmp_path / "a/train/a.jsonl.zst", "train/0/a.jsonl.zst"),
        (tmp_path / "b/deep/x.jsonl", "1/deep/x.jsonl.zst"),
    ]


def test_the_same_folder_by_two_names_is_given_twice(tmp_path: Path) -> None:
    write_shards(tmp_path, {"a/train/x.jsonl": [], "other/train/x.jsonl": [], "other/deep/y.jsonl": []})
    (tmp_path / "b").symlink_to("a")
    (tmp_path / "c/train").mkdir(parents=True)
    (tmp_path / "c/train/z.jsonl").symlink_to(tmp_path / "a/train/x.jsonl")
    a, b, c, other, inner, train = (
        Dataset.open(tmp_path / name) for name in ("a", "b", "c", "other", "other/deep", "a/train")
    )
    refuse_repeated([a, other, inner])
    for again in (b, replace(a, path=tmp_path / "other/../a")):
        with pytest.raises(UsageError, match=r"(b|\.\./a) is given twice: name each input once"):
            refuse_repeated([a, other, again])
    for inside in (c, train):
        with pytest.raises(UsageError, match=r"/a and .* both hold .*/a/train/x\.jsonl: name each input once"):
            refuse_repeated([a, other, inside])


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("nowhere", "is not there"),
        ("a/train/x.jsonl", "is a file"),
        ("theirs", "is a model"),
        ("ours", "is a base model"),
        ("judged", "is an evaluation"),
    ],
)
def test_what_is_no_dataset_is_told_from_one(tmp_path: Path, name: str, said: str) -> None:
    """A model's own files end in `.json`: they are no shards."""
    write_shards(tmp_path, {"a/train/x.jsonl": [], "theirs/config.json": b"{}", "theirs/model.safetensors": b""})
    for folder, kind in (("ours", "base model"), ("judged", "evaluation")):
        write_shards(tmp_path, {f"{folder}/x.json": b"{}"})
        Marker.of(tmp_path / folder, kind).save(tmp_path / folder)  # type: ignore[arg-type]
    with pytest.raises(BonepickError, match=rf"{name} {said}: wanted the folder of a dataset"):
        Dataset.open(tmp_path / name)
