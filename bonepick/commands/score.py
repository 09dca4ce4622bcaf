"""Commands that apply a classifier to a corpus."""

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from cyclopts.validators import Number

from bonepick.commands.families import of_family
from bonepick.core.errors import UsageError
from bonepick.core.extras import require
from bonepick.core.memory import refuse_without_room
from bonepick.core.parallel import worker_count
from bonepick.core.url_secrets import without_secrets
from bonepick.core.urls import FOR_FILES, FOR_OUTPUT
from bonepick.flags import Command, LabelOrder, ModelDir, NumProc, Tokenizer, flags, local
from bonepick.scoring.params import FilterParams, ScoreParams

STANDARD = "-"
Corpus = Annotated[
    str,
    Parameter(
        name="--input", alias=("-i", "--input-dir"),
        allow_leading_hyphen=True,
        help="Shards of JSON lines or Parquet: a folder, a file, a pattern or a URL; - is standard input.",
    ),
]  # fmt: skip
ScoresDir = Annotated[
    Path,
    Parameter(
        name="--output", alias=("-o", "--output-dir"),
        allow_leading_hyphen=True,
        help="Folder that gets a file for each shard; - is standard output. A stopped run goes on from there.",
        validator=local(FOR_OUTPUT),
    ),
]  # fmt: skip
Scores = Annotated[
    Path,
    Parameter(alias="-s", help="What `bonepick score` wrote for the corpus.", validator=local(FOR_FILES)),
]
Overwrite = Annotated[
    bool, Parameter(negative="", help="Replace the outputs of another model or of other parameters there.")
]
Verify = Annotated[
    bool, Parameter(negative="", help="Compare digests of what was done before, not sizes and times alone.")
]
Page = Annotated[
    bool, Parameter(negative="", help="Draw the summary as well, as a page that opens offline, and say where it is.")
]
Part = Annotated[
    str, Parameter(help="I/N: of N tasks that share the shards this is number I, from 0; see docs/scoring.md.")
]
Tries = Annotated[int, Parameter(validator=Number(gte=1), help="Times that a shard is begun whose process dies.")]
Patience = Annotated[int, Parameter(validator=Number(gte=1), help="Seconds for a block of rows; then it hangs.")]


@flags()
def score(
    *,
    model_dir: ModelDir,
    input: Corpus,  # noqa: A002  # the flag's name
    output: ScoresDir,
    params: ScoreParams,
    tokenizer: Tokenizer = "packaged",
    labels: LabelOrder = None,
    page: Page = False,
    shard: Part = "",
    tries: Tries = 3,
    patience: Patience = 600,
    verify: Verify = False,
    overwrite: Overwrite = False,
    num_proc: NumProc = None,
) -> None:
    """Apply a model to a corpus, shard by shard: rows with their scores, or scores alone.

    `infer-fasttext` is this command for fastText models.
    """
    refuse_without_room()
    from bonepick.scoring.run_shards import ShardRun
    from bonepick.scoring.score import score_corpus
    from bonepick.scoring.scorer import ScorerParams
    from bonepick.scoring.stream import score_stream
    from bonepick.scoring.summary_text import summary_text
    from bonepick.scoring.thresholds import thresholds_of

    if page:
        require("altair", "jinja2", "vl_convert")
    scorer = ScorerParams(model_dir, params, tokenizer, tuple(labels or ()))
    workers = worker_count(num_proc)
    if (input == STANDARD) != (str(output) == STANDARD):
        raise UsageError(f"input {input} and output {output}: - stands for standard input and output, both or none")
    if input == STANDARD:
        given = {"--shard": shard, "--page": page, "--verify": verify, "--overwrite": overwrite}
        if unusable := next((flag for flag, value in given.items() if value), ""):
            raise UsageError(f"{unusable} is for corpora of shards: standard input is none")
        score_stream(sys.stdin.buffer, sys.stdout.buffer, scorer, workers)
        return
    how = ShardRun(workers, _part(shard), tries, patience, verify, overwrite=overwrite)
    finished, records = score_corpus(input, output, scorer, how)
    finished.raise_failures(records)
    if finished.tally is not None:
        thresholds = thresholds_of(model_dir)
        print(summary_text(finished.tally, thresholds), end="")
        if page:
            from bonepick.reporting.scoring_page import scoring_page

            title = f"{without_secrets(input)}, scored by {model_dir}"
            records.save_page(scoring_page(title, finished.tally, thresholds))


def __getattr__(name: str) -> Command:
    """Return the command `score` for fastText models alone: `infer_fasttext`."""
    if name == "infer_fasttext":
        return of_family(score, "infer-fasttext", True, "score takes any kind")
    raise AttributeError(name)


@flags()
def filter(  # noqa: A001  # the command's name
    *,
    scores: Scores,
    input: Corpus,  # noqa: A002  # the flag's name
    output: ScoresDir,
    params: FilterParams,
    shard: Part = "",
    tries: Tries = 3,
    patience: Patience = 600,
    verify: Verify = False,
    overwrite: Overwrite = False,
    num_proc: NumProc = None,
) -> None:
    """Keep a share of a scored corpus, those of the highest scores; nothing is scored again."""
    refuse_without_room()
    import numpy as np

    from bonepick.scoring.filter import filter_corpus
    from bonepick.scoring.run_shards import ShardRun
    from bonepick.scoring.tally import UNITS

    if STANDARD in (input, str(output)):
        raise UsageError("filter takes shards that were scored, and no standard input: name the corpus and an output")
    how = ShardRun(worker_count(num_proc), _part(shard), tries, patience, verify, overwrite=overwrite)
    cut, finished, records = filter_corpus(scores, input, output, params, how)
    finished.raise_failures(records)
    if finished.tally is not None:
        shares = (finished.tally.kept / np.maximum(finished.tally.scored, 1)).tolist()
        told = ", ".join(f"{share:.1%} of {unit}" for share, unit in zip(shares, UNITS, strict=True))
        print(f"kept from score {cut.threshold}: {told}")


def _part(given: str) -> tuple[int, int] | None:
    number, slash, count = given.partition("/")
    if not given:
        return None
    if not (slash and number.isdecimal() and count.isdecimal()):
        raise UsageError(f"--shard is {given!r}: wanted I/N with I from 0 to N - 1, such as 0/8")
    return int(number), int(count)
