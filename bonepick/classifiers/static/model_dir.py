"""A Model2Vec directory, as model2vec lays it out, that may be somebody else's: checked whole before it is used.

model2vec itself would also read a model card, fetch, and unpickle; and texts would be its first test of the numbers.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
import numpy as np
from model2vec import StaticModel
from model2vec.model import DEFAULT_MAX_LENGTH
from model2vec.persistence.datamodels import FOLDER_LAYOUTS
from msgspec import Meta
from numpy.typing import NDArray

from bonepick.classifiers.static.tensors import read_tensors
from bonepick.classifiers.static.vectors import with_usable_numbers
from bonepick.core.errors import BonepickError
from bonepick.core.inside import file_inside
from bonepick.core.reading import damaged, is_there, read_json
from bonepick.text.tokenizer_file import read_tokenizer

if TYPE_CHECKING:  # takes .2 s of a processor, which what only embeds does without
    from model2vec.inference import StaticModelPipeline
    from model2vec.inference.mlp import Layer

HEAD_FILE = "head.safetensors"
MAX_DIM = 16_384
KINDS = ("float64", "float32", "float16", "int8")
"""Of vectors, as numpy calls them."""
REMEDY = "copy, fetch or train the model again"

Numbers = NDArray[Any]


class _HeadConfig(msgspec.Struct):
    n_layers: Annotated[int, Meta(ge=1)]
    activation: Literal["softmax"]
    classes: list[str]


class _Config(msgspec.Struct):
    head_config: _HeadConfig
    normalize: bool = False
    max_length: Annotated[int, Meta(ge=1, lt=2**31)] | None = DEFAULT_MAX_LENGTH


def read_static_model(folder: Path, **options: Any) -> StaticModel:
    """Return the embeddings in a folder.

    Args:
        folder: in one of model2vec's layouts.
        options: `config`, `normalize` and `max_length` of the model; what the folder's config says is not looked at.

    Raises:
        BonepickError: it is in none, a file of it is missing or damaged, files do not fit each other, or most of the
            vectors are no numbers.
    """
    layouts = (layout for layout in FOLDER_LAYOUTS if all(is_there(folder / path) for path in _paths(layout)))
    layout = next(layouts, None)
    if layout is None:
        wanted = ", ".join(map(str, _paths(FOLDER_LAYOUTS[0])))
        raise BonepickError(f"{folder} is no Model2Vec model: wanted {wanted}, or the same by sentence-transformers")
    path = file_inside(folder, str(layout.embeddings))
    tensors = read_tensors(path, REMEDY)
    name = "embedding.weight" if layout.is_sentence_transformers else "embeddings"
    tokenizer = read_tokenizer(file_inside(folder, str(layout.tokenizer)), REMEDY)
    vocabulary = tokenizer.get_vocab()
    vectors, weights, mapping = tensors.get(name), tensors.get("weights"), tensors.get("mapping")
    if vectors is None or vectors.ndim != 2 or not 1 <= vectors.shape[1] <= MAX_DIM or vectors.dtype.name not in KINDS:
        wanted = f"matrix {name!r} of {', '.join(KINDS)} with 1 to {MAX_DIM:,} columns"
        raise damaged(path, f"it has no {wanted}", REMEDY)
    if why := _misfit(len(vectors), weights, mapping, vocabulary):
        raise damaged(path, why, REMEDY)
    tokens = {number: token for token, number in vocabulary.items()}
    vectors = with_usable_numbers(vectors, tokens, mapping, path)
    return StaticModel(vectors, tokenizer, weights=weights, token_mapping=mapping, **options)


def _misfit(n: int, weights: Numbers | None, mapping: Numbers | None, vocabulary: Mapping[str, int]) -> str:
    """Return why some of the tokens would have no vector of n, or no weight; empty where all have."""
    last = max(vocabulary.values(), default=0)
    for name, numbers, kind in (("weights", weights, "f"), ("mapping", mapping, "i")):
        if numbers is not None and (numbers.ndim != 1 or numbers.dtype.kind != kind or len(numbers) <= last):
            return f"its {name} are not one number a token"
    if weights is not None and not np.isfinite(weights).all():
        return "its weights hold NaN or infinity"
    if mapping is not None and not (mapping.min() >= 0 and mapping.max() < n):
        return f"its mapping leads beyond its {n:,} vectors"
    if mapping is None and not last < n == len(vocabulary):
        return f"it has {n:,} vectors, its tokenizer {len(vocabulary):,} tokens, the last of number {last:,}"
    return ""


def read_pipeline(folder: Path) -> "StaticModelPipeline":
    """Return the embeddings and the head in a folder.

    Raises:
        BonepickError: see `read_static_model`; or the head does not fit, or is no softmax over classes.
    """
    from model2vec.inference import StaticModelPipeline
    from model2vec.inference.mlp import Activation, MLPHead

    path = file_inside(folder, "config.json")
    config: dict[str, Any] = read_json(path, dict[str, Any], REMEDY)
    try:
        said = msgspec.convert(config, _Config)
    except msgspec.ValidationError as error:
        raise damaged(path, error, REMEDY) from None
    model = read_static_model(folder, config=config, normalize=said.normalize, max_length=said.max_length)
    layers = _layers(file_inside(folder, HEAD_FILE), said.head_config, model.dim)
    return StaticModelPipeline(model, MLPHead(layers, Activation.SOFTMAX, np.asarray(said.head_config.classes)))


def _layers(path: Path, head: _HeadConfig, dim: int) -> list["Layer"]:
    """Return the layers from `dim` features to the classes."""
    from model2vec.inference.mlp import Layer

    tensors = read_tensors(path, REMEDY)
    layers = []
    for number in range(min(head.n_layers, len(tensors))):
        weight, bias = (tensors.get(f"head.{number}.{part}") for part in ("weight", "bias"))
        if weight is None or bias is None or weight.shape != (*bias.shape, dim) or bias.ndim != 1:
            raise damaged(path, f"layer {number} is missing, or does not take {dim:,} numbers", REMEDY)
        if not np.isfinite(weight).all() or not np.isfinite(bias).all():
            raise damaged(path, f"layer {number} holds NaN or infinity", REMEDY)
        layers.append(Layer(weight, bias))
        dim = len(bias)
    if (len(tensors), dim) != (2 * head.n_layers, len(head.classes)):
        wanted = f"wanted {head.n_layers:,} to {len(head.classes):,} classes"
        raise damaged(path, f"it has {len(layers)} layers to {dim:,} numbers, {wanted}", REMEDY)
    return layers


def _paths(layout: Any) -> tuple[Path, ...]:
    return layout.config, layout.embeddings, layout.tokenizer
