"""What is counted of a text is that of the text as it was."""

from collections.abc import Callable
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from bonepick.scoring.params import ScoreParams
from bonepick.scoring.scorer import Scorer, ScorerParams
from bonepick.scoring.texts import TextReader

texts = st.text() | st.text(" \t\n\x1c\x85\xa0\u2028ab")


def test_words_and_bytes_are_those_before_it_is_normalized(model: Callable[..., Path]) -> None:
    read = TextReader(Scorer(ScorerParams(model("fasttext"), ScoreParams())))

    @given(texts.filter(str.strip))
    def counted(text: str) -> None:
        ready = read(text, b"{}")
        assert (ready.words, ready.size) == (len(text.split()), len(text.encode()))

    counted()
