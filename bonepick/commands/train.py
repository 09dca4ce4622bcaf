"""The command `train-KIND` of each kind of classifier: one function, with the kind's own params as flags."""

from bonepick.classifiers.base.kinds import kind_names, params_of
from bonepick.classifiers.base.params import TrainParams
from bonepick.classifiers.base.train import train
from bonepick.classifiers.base.training_input import OnTheFlyParams, TrainingInput
from bonepick.core.memory import refuse_without_room
from bonepick.data.rows import RowParams
from bonepick.flags import BaseModel, Command, DatasetDirs, OutputDir, RunFlags, with_flags
from bonepick.text.normalizer import NormalizerParams


def __getattr__(name: str) -> Command:
    """Return the command `train_KIND`."""
    verb, _, kind = name.partition("_")
    if verb != "train" or kind not in kind_names():
        raise AttributeError(name)
    return train_command(kind)


def train_command(kind: str) -> Command:
    """Return the command that trains classifiers of a kind."""

    def command(
        *,
        dataset_dir: DatasetDirs,
        output_dir: OutputDir,
        model_name: BaseModel = "packaged",
        params: TrainParams,
        rows: RowParams,
        conversion: NormalizerParams,
        run: RunFlags,
    ) -> None:
        refuse_without_room()
        train(kind, TrainingInput(dataset_dir, rows, conversion, model_name), output_dir, params, run.run)

    command.__name__ = f"train_{kind}"
    params_kind = params_of(kind)
    conversion_kind = OnTheFlyParams if params_kind.takes_several_labels else NormalizerParams
    types = {"params": params_kind, "conversion": conversion_kind}
    return with_flags(command, types=types, without=() if params_kind.takes_base_model else ("model_name",))
