"""The pipeline's import: each dataset may have its text in a field of its own."""

from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bonepick.core.run import Run
from stages.import_hf_dataset import main


@pytest.mark.parametrize(("field", "apart"), [("content", False), ("text", True)])
def test_equal_texts_stay_together_where_the_field_is_named(
    field: str,
    apart: bool,
    tmp_path: Path,
    write: Callable[..., Path],
    read: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows = [{"content": f"text {n % 20}", "id": n, "label": n % 2} for n in range(200)]
    write(tmp_path / "in", {"a.jsonl": rows})
    (tmp_path / "params.yaml").write_text(
        "on_error: fail\n"
        f"datasets: {{mine: {{import: {{source: local, name: in, test_split: 0.4, text_field: {field}}}}}}}\n"
    )
    monkeypatch.chdir(tmp_path)
    main(Namespace(dataset="mine", output_dir=Path("out")), Run())
    train, test = (
        {row["content"] for file in (tmp_path / "out" / split).rglob("*.zst") for row in read(file)}
        for split in ("train", "test")
    )
    assert len(train | test) == 20
    assert bool(train & test) == apart
