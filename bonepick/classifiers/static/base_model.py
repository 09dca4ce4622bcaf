"""The base model: frozen static embeddings (Model2Vec) that heads are trained on."""

import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from bonepick.core.errors import BonepickError, UsageError, shortened
from bonepick.core.fetching import PackagedFile, fetch, why_not_from_hub
from bonepick.core.outputs import atomic_directory
from bonepick.core.params import Checked, Fault, Params
from bonepick.core.progress import note
from bonepick.core.reading import is_there
from bonepick.core.replacing import local_paths
from bonepick.core.run import Run
from bonepick.core.urls import FOR_FILES, refuse_url

if TYPE_CHECKING:
    from model2vec import StaticModel
    from model2vec.inference import StaticModelPipeline

PACKAGED = PackagedFile(  # its tests carry potion-base-4M: int8, 29,528 x 128, MIT
    requirement="semhash==0.5.0",
    sha256="5ac5be3a88828a7dc5a4a23d70664e9f514c89c907f33f797a69c7ba7203bf3f",
    wheel=False,
    instead="base_model.source: local (--model-name: a directory)",
)
PACKAGED_FOLDER = "semhash-0.5.0/tests/data/test_model"


@dataclass(frozen=True, kw_only=True)
class BaseModelParams(Params):
    """Where the base model comes from."""

    source: Literal["packaged", "hf", "local"] = "packaged"
    """potion-base-4M from the package index, a Model2Vec model on the hub, or one in a local directory."""
    name: Annotated[str, Checked(lambda name: refuse_url(name, FOR_FILES))] = ""
    """Name on the hub, or the directory; not needed for the packaged one."""
    revision: str = ""
    """Commit, tag or branch on the hub; empty takes the newest."""

    def faults_together(self) -> Iterator[Fault]:
        """Yield that a name is needed and missing."""
        if self.source != "packaged" and not self.name:
            yield Fault("name", f"base_model.name is empty: source {self.source!r} needs one")


def make_base_model(params: BaseModelParams, output_dir: Path, run: Run = Run()) -> None:
    """Write the base model to a directory, as model2vec saves it, so that training needs no network.

    Raises:
        UsageError: there is no such directory.
        BonepickError: the model cannot be had, or the output is occupied.
    """
    if params.source == "local" and not Path(params.name).is_dir():
        raise UsageError(f"base_model.name is {shortened(params.name)}: no such directory, which source 'local' needs")
    name = "packaged" if params.source == "packaged" else params.name
    with atomic_directory(output_dir, "base model", run.overwrite, local_paths(name)) as folder:
        model = load_base_model(name, params.revision)
        save_without_card(model, folder)
    note(f"base model: {len(model.tokens):,} tokens x {model.dim} -> {output_dir}")


def load_base_model(name: str, revision: str = "") -> "StaticModel":
    """Load a base model: `packaged`, a directory, or a name on the hub.

    It comes without length normalization and without a length cap: the mean of the embeddings of all tokens, which
    is what a linear head can be folded into later.

    Raises:
        UsageError: the name is a URL.
        BonepickError: it cannot be had, or is no Model2Vec model.
    """
    refuse_url(name, FOR_FILES)
    if name == "packaged":
        with tempfile.TemporaryDirectory() as folder, tarfile.open(fetch(PACKAGED)) as archive:
            files = [member for member in archive if member.name.startswith(f"{PACKAGED_FOLDER}/") and member.isfile()]
            archive.extractall(folder, members=files, filter="data")
            return _load(Path(folder) / PACKAGED_FOLDER)
    if Path(name).is_dir():
        return _load(Path(name))
    if is_there(Path(name)):
        raise BonepickError(f"base model {name} is no directory: wanted one as model2vec saves it")
    from huggingface_hub import snapshot_download

    try:
        return _load(Path(snapshot_download(name, revision=revision or None)))
    except BonepickError:
        raise
    except Exception as error:  # the hub client's and the network's errors have no common base
        raise BonepickError(
            f"base model {name!r} is neither 'packaged' nor a directory, and the hub does not give it "
            f"{why_not_from_hub(error)}, or give a directory"
        ) from None


def _load(folder: Path) -> "StaticModel":
    from bonepick.classifiers.static.model_dir import read_static_model

    config = {"model_type": "model2vec", "architectures": ["StaticModel"]}
    return read_static_model(folder, config=config, normalize=False, max_length=None)


@contextmanager
def tokenizer_faults() -> Iterator[None]:
    """Turn what a tokenizer raises on a text into one line: a panic in it is no `Exception`."""
    try:
        yield
    except (BonepickError, KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:
        raise BonepickError(
            f"the base model's tokenizer fails on a text ({type(error).__name__}: {shortened(str(error))}): "
            "take another base model, or another normalizer"
        ) from error


def save_without_card(model: "StaticModel | StaticModelPipeline", folder: Path) -> None:
    """Save as model2vec does, but for the model card: that embeds the folder's name, which is a temporary one."""
    try:
        model.save_pretrained(str(folder))
    except OSError:
        raise
    except Exception as error:  # safetensors has its own, also for a full disk
        raise BonepickError(f"{folder} cannot be written ({error})") from None
    (folder / "README.md").unlink(missing_ok=True)
