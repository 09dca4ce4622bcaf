"""The registry: names, identities, failures, pickling, truncation."""

import doctest
import importlib
import pickle
import pkgutil
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from types import ModuleType

import plsfix as the_library
import pytest

import bonepick.text
from bonepick.core.errors import BonepickError, UsageError
from bonepick.text.identity import NormalizerIdentity
from bonepick.text.normalizer import NORMALIZERS, NormalizationError, Normalizer
from bonepick.text.normalizers import plsfix
from bonepick.text.tokenizer import PACKAGED_SHA256, tokenizer_file

MODULES = [
    importlib.import_module(f"bonepick.text.{found.name}") for found in pkgutil.iter_modules(bonepick.text.__path__)
]
CUTTING = ("plsfix", "tokenizer", "ultrafine-plus", "potion")


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_examples_in_docstrings(module: ModuleType) -> None:
    assert doctest.testmod(module).failed == 0


def test_names() -> None:
    assert NORMALIZERS == ("whitespace", "plsfix", "tokenizer", "ultrafine", "ultrafine-plus", "potion")


@pytest.mark.parametrize("name", ["", "Potion", "ultrafine_plus", "no\nsuch"])
def test_unknown_name(name: str) -> None:
    with pytest.raises(UsageError, match="want one of whitespace, plsfix, tokenizer") as caught:
        Normalizer(name)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", NORMALIZERS)
def test_identity(name: str) -> None:
    tokenizer = PACKAGED_SHA256 if name in ("tokenizer", "ultrafine", "ultrafine-plus") else None
    assert Normalizer(name).identity == NormalizerIdentity(name, 1, tokenizer)


def test_identity_is_the_file_not_the_way_to_it() -> None:
    path = str(tokenizer_file("packaged"))
    assert Normalizer("ultrafine", path).identity == Normalizer("ultrafine").identity
    # one that uses no tokenizer does not look for it
    assert Normalizer("potion", "/no/such").identity.tokenizer is None
    assert Normalizer("potion", "/no/such")("A") == "a"


def test_missing_tokenizer_is_no_fault_of_the_text() -> None:
    with pytest.raises(BonepickError) as caught:
        Normalizer("ultrafine", "/no/such")("text")
    assert not isinstance(caught.value, NormalizationError)


@pytest.mark.parametrize("name", NORMALIZERS)
def test_pickles_by_name(name: str) -> None:
    normalizer = Normalizer(name)
    before = pickle.dumps(normalizer)
    normalizer("Some text")
    assert len(before) < 200
    assert pickle.dumps(normalizer) == before
    assert pickle.loads(before) == normalizer
    assert hash(pickle.loads(before)) == hash(normalizer)


def test_works_in_spawned_processes() -> None:
    texts = ["Été\n\n\nà la  plage", "ＡＢ <｜end▁of▁sentence｜>", "字"]
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        for name in ("plsfix", "ultrafine", "ultrafine-plus"):
            normalizer = Normalizer(name)
            assert list(pool.map(normalizer, texts)) == [normalizer(text) for text in texts]


@pytest.mark.parametrize("name", NORMALIZERS)
def test_max_chars(name: str) -> None:
    assert Normalizer(name).max_chars == (2**20 if name in CUTTING else None)


@pytest.mark.parametrize(
    ("after", "kept"),
    [("", ""), ("b", ""), ("b\rc", ""), ("\n", ""), ("\nb", ""), ("bc\nd", "bc"), ("bc\nd\ne", "bc")],
    ids=ascii,
)
def test_cuts_at_the_next_line_feed_else_right_there(after: str, kept: str) -> None:
    start = "\n" + "a" * (2**20 - 1)
    assert plsfix.cut(start + after) == start + kept
    assert plsfix.normalize(start + after) == start + kept


@pytest.mark.parametrize("name", NORMALIZERS)
def test_which_ones_cut(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    normalizer = Normalizer(name)
    whole, start = normalizer("one two\nthree"), normalizer("one two")
    monkeypatch.setattr(plsfix, "MAX_CHARS", 4)
    assert normalizer("one two\nthree") == (start if name in CUTTING else whole) != normalizer("")


@pytest.mark.parametrize("name", CUTTING)
def test_text_that_plsfix_silently_gives_back(name: str, capfd: pytest.CaptureFixture[str]) -> None:
    # one byte more or less and the break is between two characters
    line = "字" * 333_333 + "字"
    with pytest.raises(NormalizationError, match="333,334 characters") as caught:
        Normalizer(name)("first\n" + line + "\nlast")
    assert "\n" not in str(caught.value)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("line", ["a" * 1_000_001, "a" + "字" * 333_334, "é" * 500_001, "字" * 333_333])
def test_long_lines_that_plsfix_can_break(line: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert plsfix.normalize("“x”\n" + line) == '"x"\n' + line
    assert capfd.readouterr() == ("", "")


def test_plsfix_still_swallows_its_panics(capfd: pytest.CaptureFixture[str]) -> None:
    # once this fails, plsfix reports or mends such texts, and the check before it can go
    text = "“x”\n" + "字" * 333_334
    assert the_library.fix_text(text) == text
    assert "panicked" in capfd.readouterr().err


class Panic(BaseException):
    """As pyo3's PanicException: no Exception."""


@pytest.mark.parametrize("error", [Panic("a\nb" * 200), ValueError("x"), MemoryError()])
def test_failures_are_the_texts(error: BaseException, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(the_library, "fix_text", raising(error))
    with pytest.raises(NormalizationError, match=type(error).__name__) as caught:
        Normalizer("plsfix")("text")
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 300
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(3)])
def test_interrupts_pass_through(error: BaseException, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(the_library, "fix_text", raising(error))
    with pytest.raises(type(error)):
        Normalizer("plsfix")("text")


def raising(error: BaseException) -> Callable[[str], str]:
    def fix_text(text: str) -> str:
        raise error

    return fix_text


def test_lone_surrogates() -> None:
    assert Normalizer("whitespace")("a \ud800  b") == "a \ud800 b"
    for name in NORMALIZERS[1:]:
        with pytest.raises(NormalizationError):
            Normalizer(name)("a \ud800 b")
