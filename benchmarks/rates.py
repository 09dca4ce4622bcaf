"""Write `benchmarks/rates.csv`: what one core scores a second of each kind of model, which the reports show.

A packed shard in, a packed shard out. The kinds are those of params.yaml, the models those of `models/kinds`, where the
pipeline puts them; where there is none, it is trained here, with the normalizer that the pipeline has for it. Timings
are never the same, so that the file is committed and no stage measures any.

    python benchmarks/rates.py
"""

from pathlib import Path
from tempfile import TemporaryDirectory

from scored import least, one_worker, trained, write_shard

from bonepick.core.params_file import read_node
from bonepick.core.tables import as_csv
from bonepick.reporting.costs import Rate

DOCUMENTS = 10_000
FILE = Path(__file__).with_name("rates.csv")


def processor() -> str:
    """Return the name that the processor gives itself."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))


def model_of(kind: str, rows: str, scratch: Path) -> Path:
    """Return the directory of a kind's model; `rows` is the folder of what the pipeline trains it on."""
    made = Path("models/kinds", kind)
    node = "convert" if rows == "data/fasttext" else "normalize"
    return made if made.is_dir() else trained(kind, scratch, read_node(node)["normalizer"])


def main() -> None:
    """Measure all kinds."""
    rates = []
    with TemporaryDirectory() as folder:
        shard = Path(folder, "a.jsonl.zst")
        size = write_shard(shard, DOCUMENTS)
        for kind, item in sorted(read_node("kinds").items()):
            model = model_of(kind, item["rows"], Path(folder))
            (taken,) = least(one_worker(model, shard, Path(folder, "out")))
            rate, speed = DOCUMENTS / taken.cpu, size / 1e6 / taken.cpu
            rates.append(Rate(kind, round(rate), round(speed, 1), round(size / DOCUMENTS), processor()))
            print(f"{kind:<12} {rate:>8,.0f} documents/s {speed:>6.1f} MB/s of one core", flush=True)
    FILE.write_text(as_csv(Rate._fields, rates))
    print(f"{FILE.name} is written: `make repro` shows it in the reports; commit it, and the README's table with it")


if __name__ == "__main__":
    main()
