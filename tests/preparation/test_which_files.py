"""Which files of a source are read, as which split, and what is said of the others."""

import json
import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import csv as pa_csv
from pyarrow import feather

from bonepick.core.errors import BonepickError, UsageError
from bonepick.core.run import Run
from bonepick.data.rows import RowParams
from bonepick.preparation.importing.import_dataset import import_dataset
from bonepick.preparation.importing.params import ImportParams
from bonepick.preparation.importing.splits import SplitChoice

Write = Callable[..., Path]
Read = Callable[[Path], list[dict[str, Any]]]
ROWS = [{"text": f"text {n}", "score": n % 4} for n in range(40)]
TABLE = pa.Table.from_pylist(ROWS[:10])


@pytest.fixture
def imported(tmp_path: Path, read: Read) -> Callable[..., dict[str, list[dict[str, Any]]]]:
    """Import a source, and return the rows of each split."""

    def rows_of(name: object, rows: RowParams = RowParams(), **params: Any) -> dict[str, list[dict[str, Any]]]:
        out = tmp_path / "out"
        import_dataset(ImportParams(name=str(name), **params), out, rows, Run(1, overwrite=True))
        splits = [split for split in ("train", "valid", "test") if (out / split).is_dir()]
        return {split: [row for file in sorted((out / split).glob("*")) for row in read(file)] for split in splits}

    return rows_of


Imported = Callable[..., dict[str, list[dict[str, Any]]]]


def put(table: pa.Table, file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    match file.suffix:
        case ".parquet":
            pq.write_table(table, file)
        case ".csv":
            pa_csv.write_csv(table, file)
        case ".feather":
            feather.write_feather(table, str(file))
        case ".arrow":
            with pa.OSFile(str(file), "wb") as sink, pa.ipc.new_stream(sink, table.schema) as writer:
                writer.write_table(table)


@pytest.mark.parametrize("where", ["{}", "file://{}"])
def test_files_of_all_formats_are_read_together_and_the_rest_is_named(
    tmp_path: Path, write: Write, imported: Imported, notes: list[str], where: str
) -> None:
    folder = write(
        tmp_path / "mixed",
        {"a.jsonl": ROWS[10:12], "b.ndjson": b'{"text": "b"}\n', "c.json": b'[{"text": "c"}]', "notes.txt": b"x"},
    )
    for name in ("d.parquet", "e.csv", "f.feather", "g.arrow"):
        put(TABLE, folder / name)
    (folder / "schema.json").write_text('{\n  "fields": []\n}\n')
    (folder / "dataset_info.json").write_text('{"features": {}}\n')
    rows = imported(where.format(folder))["train"]
    assert rows == [*ROWS[10:12], {"text": "b"}, {"text": "c"}, *(ROWS[:10] * 4)]
    said = "\n".join(notes)
    assert "left out, one JSON document over several lines, beside files of rows: schema.json" in said
    assert "left out, no rows by its name (metadata): dataset_info.json" in said
    assert "left out, no rows by its name (wanted an ending such as .jsonl, .parquet, .csv): notes.txt" in said
    assert "files of several formats are read: train 2 Arrow, 1 CSV, 3 JSONL, 1 Parquet" in said


@pytest.mark.parametrize("name", ["a.parquet", "a.csv", "a.feather", "a.arrow"])
@pytest.mark.parametrize("where", ["{}", "file://{}"])
def test_one_file_will_do(tmp_path: Path, imported: Imported, name: str, where: str) -> None:
    put(TABLE, tmp_path / name)
    assert imported(where.format(tmp_path / name)) == {"train": ROWS[:10]}


def test_each_file_is_read_by_its_own_schema(tmp_path: Path, imported: Imported) -> None:
    put(pa.table({"text": ["a"], "more": pa.array([None]), "n": [1]}), tmp_path / "in/a.parquet")
    extra = pa.array([[("k", "v")]], pa.map_(pa.string(), pa.string()))
    put(pa.table({"text": ["b"], "more": ["x"], "n": [1.5], "extra": extra}), tmp_path / "in/b.parquet")
    assert imported(tmp_path / "in")["train"] == [
        {"text": "a", "more": None, "n": 1},
        {"text": "b", "more": "x", "n": 1.5, "extra": {"k": "v"}},
    ]


def test_two_files_that_differ_in_their_ending_alone_are_refused(
    tmp_path: Path, write: Write, imported: Imported
) -> None:
    put(TABLE, write(tmp_path / "in", {"a.jsonl": ROWS}) / "a.parquet")
    with pytest.raises(BonepickError, match=r"in/a\.jsonl and .*in/a\.parquet are both shard 'a'"):
        imported(tmp_path / "in")


def test_a_third_split_is_asked_about_mapped_or_skipped(
    tmp_path: Path, write: Write, imported: Imported, notes: list[str]
) -> None:
    folder = write(tmp_path / "in", {f"{name}/a.jsonl": ROWS[n : n + 2] for n, name in enumerate(("train", "extra"))})
    for source in (folder, f"file://{folder}"):
        with pytest.raises(
            BonepickError, match=r"split 'extra' is none of train, valid, test.*--map-split extra=train"
        ):
            imported(source)
        assert imported(source, map_split=("extra=valid",)) == {"train": ROWS[:2], "valid": ROWS[1:3]}
        assert imported(source, map_split=("extra=train",)) == {"train": ROWS[1:3] + ROWS[:2]}
        assert imported(source, skip_split=("extra",)) == {"train": ROWS[:2]}
        assert notes.pop(-2).endswith("left out, its split is skipped: extra/a.jsonl")
    named = write(tmp_path / "named", {f"{name}-00000-of-00001.jsonl": ROWS for name in ("train", "test", "extra")})
    with pytest.raises(BonepickError, match=r"extra-00000-of-00001\.jsonl belongs to no split.*--skip-split extra"):
        imported(named)
    assert set(imported(named, skip_split=("extra",))) == {"train", "test"}


def test_a_file_beside_the_folders_of_splits_is_named(
    tmp_path: Path, write: Write, imported: Imported, notes: list[str]
) -> None:
    folder = write(tmp_path / "in", {"train/a.jsonl": ROWS[:2], "more.jsonl": ROWS})
    assert imported(folder) == {"train": ROWS[:2]}
    assert f"{folder}: left out, it lies beside the folders of splits: more.jsonl" in notes


def test_two_names_of_one_split_are_refused_unless_it_is_said(tmp_path: Path, write: Write, imported: Imported) -> None:
    folder = write(tmp_path / "in", {f"{name}/a.jsonl": ROWS[:1] for name in ("train", "dev", "val")})
    with pytest.raises(BonepickError, match="dev and val are both valid: --skip-split val"):
        imported(folder)
    assert len(imported(folder, map_split=("val=valid",))["valid"]) == 2


@pytest.mark.parametrize(
    ("mapped", "skipped", "fault"),
    [(("a",), (), "wanted NAME=SPLIT"), (("a=b",), (), "wanted NAME=SPLIT"), (("a=train",), ("a",), "twice")],
)
def test_a_choice_of_splits_that_makes_no_sense(mapped: tuple[str], skipped: tuple[str, ...], fault: str) -> None:
    with pytest.raises(UsageError, match=fault):
        SplitChoice.of(mapped, skipped)
    with pytest.raises(UsageError, match=fault):
        ImportParams(name="x", map_split=mapped, skip_split=skipped)


CARD = "---\nconfigs:\n- config_name: en\n  data_files:\n  - {split: train, path: %s}\n---\n"


def test_a_card_says_which_files_are_read(tmp_path: Path, write: Write, imported: Imported, notes: list[str]) -> None:
    folder = write(tmp_path / "in", {"en/a.jsonl": ROWS[:2], "de/a.jsonl": ROWS[2:]})
    (folder / "README.md").write_text(CARD % '"en/*"')
    (tmp_path / "linked").symlink_to(folder)
    for source in (folder, tmp_path / "linked"):
        assert imported(source) == {"train": ROWS[:2]}
    assert any(note.endswith("left out, no split of it by its card: de/a.jsonl") for note in notes)


@pytest.mark.parametrize("key", ["sep", "delimiter"])
def test_a_card_says_what_is_between_fields(tmp_path: Path, write: Write, imported: Imported, key: str) -> None:
    folder = write(tmp_path / "in", {"a.csv": b"text;n\na,b;1\n"})
    (folder / "README.md").write_text(
        f'---\nconfigs:\n- config_name: en\n  data_files: a.csv\n  {key}: ";"\n---\n', encoding="utf-8"
    )
    assert imported(folder) == {"train": [{"text": "a,b", "n": 1}]}
    (folder / "README.md").write_text((folder / "README.md").read_text().replace('";"', "'[;]'"))
    with pytest.raises(BonepickError, match=r"its card has fields between '\[;\]', wanted one character \(sep\)"):
        imported(folder)


@pytest.mark.parametrize("path", ["../secret.jsonl", "{absolute}", "link.jsonl"])
def test_a_card_reads_nothing_outside_its_folder(tmp_path: Path, write: Write, imported: Imported, path: str) -> None:
    folder = write(tmp_path / "in", {"a.jsonl": ROWS})
    write(tmp_path, {"secret.jsonl": ROWS})
    (folder / "link.jsonl").symlink_to(tmp_path / "secret.jsonl")
    (folder / "README.md").write_text(CARD % json.dumps(path.format(absolute=tmp_path / "secret.jsonl")))
    with pytest.raises(BonepickError, match=r"(does not lie in it|outside)"):
        imported(folder)


def test_a_damaged_card_is_one_sentence(tmp_path: Path, write: Write, imported: Imported) -> None:
    folder = write(tmp_path / "in", {"a.jsonl": ROWS, "README.md": b"---\nconfigs: [}\n---\n"})
    with pytest.raises(BonepickError, match=r"README\.md: its head cannot be read") as caught:
        imported(folder)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("configs", "subset", "said"),
    [
        ("[{config_name: en, data_files: a.jsonl}]", "fr", "no subset 'fr' is named there, wanted one of en: --subset"),
        (
            "[{config_name: en, data_files: a.jsonl}, {config_name: de, data_files: a.jsonl}]",
            "",
            "several subsets are named there, wanted one of en, de: --subset (-s) takes it",
        ),
        ("en", "", "configs is 'en', wanted a list of subsets, each with config_name"),
        ("[{config_name: 3}]", "", "configs is [{'config_name': 3}], wanted a list of subsets"),
        (
            "[{config_name: en, data_files: {train: a.jsonl}}]",
            "",
            "data_files of 'en' is {'train': 'a.jsonl'}, wanted a",
        ),
        (
            "[{config_name: en, data_files: [{split: held-out, path: a.jsonl}]}]",
            "",
            "wanted a pattern, a list of patterns, or a list of split (letters, digits and _) and path: mend it, or",
        ),
        ("[{config_name: en, data_files: 'fr/*'}]", "", "its card names some that are not there (data_files in README"),
        ("", "en", "has no card that names subsets, 'en' came: leave out --subset (-s)"),
    ],
)
def test_what_is_wrong_with_a_card_is_said_in_our_words(
    tmp_path: Path, write: Write, imported: Imported, configs: str, subset: str, said: str
) -> None:
    folder = write(tmp_path / "in", {"a.jsonl": ROWS, "README.md": f"---\nconfigs: {configs}\n---\n".encode()})
    with pytest.raises(BonepickError) as caught:
        imported(folder, subset=subset)
    assert said in str(caught.value)
    assert "network" not in str(caught.value)


@pytest.mark.parametrize("pattern", ["zip://*.jsonl::", "zip://::", "zip://**::"])
def test_an_archive_behind_a_url(tmp_path: Path, imported: Imported, pattern: str) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for split, rows in (("train", ROWS[:9]), ("test", ROWS[9:])):
            archive.writestr(f"{split}.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    assert imported(f"{pattern}file://{tmp_path}/a.zip") == {"train": ROWS[:9], "test": ROWS[9:]}
    assert imported(f"zip://test.jsonl::file://{tmp_path}/a.zip") == {"train": ROWS[9:]}


def test_a_bad_row_in_an_archive_is_named_by_its_place(tmp_path: Path, imported: Imported) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("part/a.jsonl", "no json\n")
    with pytest.raises(BonepickError, match=r"^zip://part/a\.jsonl::file:///.*/a\.zip:1: not valid JSON"):
        imported(f"zip://part/*.jsonl::file://{tmp_path}/a.zip")


def with_features(table: pa.Table, features: dict[str, Any]) -> pa.Table:
    return table.replace_schema_metadata({"huggingface": json.dumps({"info": {"features": features}})})


def test_class_labels_are_their_names_and_minus_one_is_none(
    tmp_path: Path, imported: Imported, notes: list[str]
) -> None:
    table = pa.table({"text": ["a", "b", "c"], "score": [1, 0, -1]})
    put(with_features(table, {"score": {"_type": "ClassLabel", "names": ["high", "low"]}}), tmp_path / "a.parquet")
    assert [row["score"] for row in imported(tmp_path / "a.parquet")["train"]] == ["low", "high", None]
    (said,) = [note for note in notes if note.startswith("column 'score'")]
    assert "high, low" in said and "--labels" in said


def test_media_beside_a_text_are_left_out_and_said(tmp_path: Path, imported: Imported, notes: list[str]) -> None:
    table = pa.table({"text": ["a"], "image": [{"bytes": b"x", "path": "a.png"}], "score": [1]})
    put(with_features(table, {"image": {"_type": "Image"}, "score": {"_type": "Later"}}), tmp_path / "a.parquet")
    assert imported(tmp_path / "a.parquet") == {"train": [{"text": "a", "score": 1}]}
    assert any("column 'image' holds data of kind Image, and is left out" in note for note in notes)


def test_a_string_that_is_none_rejects_its_row_alone(tmp_path: Path, imported: Imported, read: Read) -> None:
    texts = pa.array([b"good", b"\xff", b"good too"]).view(pa.string())
    put(pa.table({"text": texts, "n": [1, 2, 3]}), tmp_path / "a.parquet")
    with pytest.raises(BonepickError, match=r"a\.parquet:2: a string is not valid UTF-8"):
        imported(tmp_path / "a.parquet")
    rows = imported(tmp_path / "a.parquet", RowParams(on_error="quarantine"))["train"]
    assert [row["n"] for row in rows] == [1, 3]
    (rejected,) = read(tmp_path / "out/quarantine/train/a.jsonl")
    assert json.loads(rejected["raw"]) == {"text": {"base64": "/w=="}, "n": 2}


@pytest.mark.parametrize("name", ["a.parquet", "a.feather", "a.arrow"])
@pytest.mark.parametrize("kept", [1, 7, 0.5, 0.98])
def test_a_table_that_is_cut_is_one_sentence(tmp_path: Path, imported: Imported, name: str, kept: float) -> None:
    put(pa.Table.from_pylist(ROWS * 200), tmp_path / name)
    data = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(data[: int(kept if kept >= 1 else kept * len(data))])
    with pytest.raises(BonepickError, match=rf"{name} cannot be read beyond row \d+") as caught:
        imported(tmp_path / name)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["a.parquet", "a.arrow"])
@pytest.mark.parametrize(
    ("data", "what"),
    [(b"version https://git-lfs.github.com/spec/v1\noid sha256:00\n", "git lfs pull"), (b"\x1f\x8b\x08", "gzip")],
)
def test_what_is_no_table_is_named(tmp_path: Path, imported: Imported, name: str, data: bytes, what: str) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(BonepickError, match=rf"{name} is .*{what}"):
        imported(tmp_path / name)


@pytest.mark.parametrize("name", ["a.parquet", "a.arrow", "a.feather"])
def test_a_table_without_a_byte_is_one_sentence(tmp_path: Path, imported: Imported, name: str) -> None:
    (tmp_path / name).touch()
    with pytest.raises(BonepickError, match="is empty, not one byte, wanted a table: fetch or write this file again"):
        imported(tmp_path / name)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32"])
def test_plain_text_in_another_encoding_is_named(
    tmp_path: Path, write: Write, imported: Imported, encoding: str
) -> None:
    folder = write(tmp_path / "in", {"train.txt": "__label__pos good\n".encode(encoding)})
    with pytest.raises(BonepickError, match=r"train\.txt is text in UTF-\d\dLE, wanted UTF-8: .*iconv -f UTF-\d\dLE"):
        imported(folder)
    with pytest.raises(BonepickError, match=r"utf-8.*iconv -f CP1252 -t UTF-8"):
        imported(write(tmp_path / "latin", {"a.txt": b"caf\xe9\n"}))


def test_a_pipe_is_named_and_not_waited_for(tmp_path: Path, imported: Imported) -> None:
    os.mkfifo(tmp_path / "a.jsonl")
    with pytest.raises(BonepickError, match=r"a\.jsonl is a FIFO"):
        imported(tmp_path / "a.jsonl", source="local")


def test_a_table_under_the_name_of_a_shard_is_named(tmp_path: Path, imported: Imported) -> None:
    put(TABLE, tmp_path / "a.arrow")
    (tmp_path / "a.arrow").rename(tmp_path / "a.ndjson")
    with pytest.raises(BonepickError, match=r"a\.ndjson is an Arrow stream, wanted what its name says"):
        imported(tmp_path / "a.ndjson")


@pytest.mark.parametrize("choice", [{"map_split": ("exta=train",)}, {"skip_split": ("exta",)}])
def test_a_split_that_is_not_there_is_neither_mapped_nor_skipped(
    tmp_path: Path, write: Write, imported: Imported, choice: dict[str, Any]
) -> None:
    folder = write(tmp_path / "in", {"train/a.jsonl": ROWS, "extra/a.jsonl": ROWS})
    with pytest.raises(
        BonepickError, match="has no split 'exta' to be mapped or skipped, wanted one of a, extra, train"
    ):
        imported(folder, **choice)


def test_held_out_rows_that_become_train_are_said(
    tmp_path: Path, write: Write, imported: Imported, notes: list[str]
) -> None:
    folder = write(tmp_path / "in", {"validation-00000-of-00001.jsonl": ROWS})
    assert imported(folder) == {"train": ROWS}
    assert "all is train, also what its name says otherwise: validation-00000-of-00001.jsonl" in notes[0]
    assert imported(folder, map_split=("validation=valid",)) == {"valid": ROWS}


def test_lines_for_fasttext_are_no_texts(tmp_path: Path, write: Write, imported: Imported) -> None:
    folder = write(tmp_path / "in", {"train.txt": b"__label__pos a text\n"})
    with pytest.raises(BonepickError, match="holds lines for fastText: train-fasttext takes them"):
        imported(folder)


def test_quotes_that_are_text_and_a_source_without_rows_are_said(
    tmp_path: Path, write: Write, imported: Imported, notes: list[str]
) -> None:
    folder = write(tmp_path / "in", {"a.tsv": b'text\tn\n"he said ""hi"""\t1\n'})
    assert imported(folder) == {"train": [{"text": '"he said ""hi"""', "n": 1}]}
    assert "quotes around a field are text" in notes[0] and "--quote double" in notes[0]
    assert imported(folder, quote="double") == {"train": [{"text": 'he said "hi"', "n": 1}]}
    notes.clear()
    imported(write(tmp_path / "empty", {"a.jsonl": b""}))
    assert any("there is no row in it" in note for note in notes)


@pytest.mark.parametrize("tab", ["\t", "\\t"])
def test_a_tab_may_come_as_a_shell_leaves_it(tmp_path: Path, write: Write, imported: Imported, tab: str) -> None:
    folder = write(tmp_path / "in", {"a.csv": b'text\tn\n"a\tb"\t1\n'})
    assert imported(folder, delimiter=tab) == {"train": [{"text": "a\tb", "n": 1}]}
    for field in ("delimiter", "escape"):
        with pytest.raises(UsageError, match=r"'\|\|' came, wanted one character \(\\t for a tab\): --delimiter"):
            imported(folder, **{field: "||"})


def test_fields_that_are_nowhere_are_said_at_once(
    tmp_path: Path, write: Write, imported: Imported, notes: list[str]
) -> None:
    folder = write(tmp_path / "in", {"a.jsonl": [{"content": f"text {n}", "label": 1} for n in range(9)]})
    imported(folder, test_split=3.0)
    assert notes[0] == (
        f"{folder}: there is no text field 'text', so equal texts may come into several splits "
        "(the first 9 rows have content, label): --text-field names it"
    )
    assert "there is no label field 'score'" in notes[1]
    assert len([note for note in notes if "there is no" in note]) == 2
    notes.clear()
    imported(folder, RowParams(text_field="content", label_field="label"), test_split=3.0)
    assert not [note for note in notes if "there is no" in note]


@pytest.mark.parametrize(
    ("values", "came"),
    [
        ([b"a", b"b", b"c"], "0 of the first 3 rows (bytes in 3)"),
        ([["a"], ["b"], None], "0 of the first 3 rows (lists in 2, null in 1)"),
        ([{"en": "a"}, {"en": "b"}, {"en": "c"}], "0 of the first 3 rows (objects in 3)"),
        ([1, 2, 3], "0 of the first 3 rows (numbers in 3)"),
        ([None, " ", "a"], "1 of the first 3 rows (null in 1, blank text in 1)"),
    ],
)
def test_a_text_field_without_texts_is_said_and_rows_are_kept(
    tmp_path: Path, imported: Imported, notes: list[str], values: list[Any], came: str
) -> None:
    put(pa.table({"text": values, "score": [1, 2, 3]}), tmp_path / "in" / "a.parquet")
    assert len(imported(tmp_path / "in")["train"]) == 3
    (said,) = [note for note in notes if "holds a" in note]
    assert said.startswith(f"{tmp_path / 'in'}: text field 'text' holds a text in {came}: --text-field names another")


def test_a_text_that_few_rows_lack_is_not_said_and_a_label_that_most_lack_is(
    tmp_path: Path, write: Write, imported: Imported, notes: list[str]
) -> None:
    rows: list[dict[str, Any]] = [{"text": "a", "score": None}, {"text": "b", "score": ""}, {"text": None, "score": 1}]
    imported(write(tmp_path / "in", {"a.jsonl": rows}))
    (said,) = [note for note in notes if "holds a" in note]
    assert "label field 'score' holds a label in 1 of the first 3 rows (null in 1, blank text in 1)" in said
    assert "transform-dataset -l makes it" in said


@pytest.mark.parametrize(
    "table",
    [
        {"text": {"0": "a", "1": "b"}, "score": {"0": 1, "1": 2}},  # to_json()
        {"0": {"text": "a", "score": 1}, "1": {"text": "b", "score": 2}},  # orient="index"
        {"columns": ["text", "score"], "index": [0, 1], "data": [["a", 1], ["b", 2]]},  # orient="split"
        {"schema": {"fields": []}, "data": [{"text": "a", "score": 1}]},  # orient="table"
        {"text": ["a", "b"], "score": [1, 2]},  # to_dict("list")
        {"text": {"0": "a", "1": "b"}},
    ],
)
@pytest.mark.parametrize("name", ["a.json", "a.jsonl.gz"])
def test_a_table_in_one_object_is_refused_with_what_writes_rows(
    tmp_path: Path, write: Write, imported: Imported, table: dict[str, Any], name: str
) -> None:
    folder = write(tmp_path / "in", {"0.jsonl": ROWS, name: [table]})
    with pytest.raises(BonepickError, match=r"a\.json.*: one object with a table in it .* df\.to_json\(path, orient="):
        imported(folder)


def test_rows_that_look_like_tables_are_rows_beside_others(
    tmp_path: Path, write: Write, imported: Imported, small_blocks: int
) -> None:
    rows = [{"text": ["a", "b"], "score": [1, n]} for n in range(9)]
    files = {
        "a.jsonl": rows,
        "b.jsonl": [{"text": {"en": "a"}}],
        "c.jsonl": [{"text": "a", "score": 1}],
        "d.jsonl": b"",
    }
    assert len(imported(write(tmp_path / "in", files))["train"]) == 11


@pytest.mark.parametrize("name", ["a.json", "a.jsonl", "a.json.gz"])
def test_an_object_over_several_lines_is_named(tmp_path: Path, write: Write, imported: Imported, name: str) -> None:
    data = json.dumps({"text": "a", "score": 1}, indent=2).encode()
    folder = write(tmp_path / "in", {name: data})
    with pytest.raises(BonepickError, match=r"a\.json.* begins with a JSON object over several lines, .*: `jq -c"):
        imported(folder)


def test_what_save_to_disk_lists_is_read_and_nothing_else(
    tmp_path: Path, write: Write, imported: Imported, notes: list[str]
) -> None:
    from datasets import Dataset, DatasetDict

    DatasetDict({"train": Dataset.from_list(ROWS[:9]), "extra": Dataset.from_list(ROWS[9:])}).save_to_disk(
        tmp_path / "in"
    )
    with pytest.raises(BonepickError, match="split 'extra' is none of"):
        imported(tmp_path / "in")
    write(tmp_path / "in", {"train/more.jsonl": ROWS})
    assert imported(tmp_path / "in", map_split=("extra=test",)) == {"train": ROWS[:9], "test": ROWS[9:]}
    assert any("not listed by what save_to_disk wrote: train/more.jsonl" in note for note in notes)
    (tmp_path / "in/train/data-00000-of-00001.arrow").unlink()
    with pytest.raises(BonepickError, match=r"state\.json lists train/data-00000-of-00001\.arrow, which does not lie"):
        imported(tmp_path / "in")
