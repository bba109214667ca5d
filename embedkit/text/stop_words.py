"""Stop words: words that say little by themselves, in English, in Chinese, or from a file."""

import codecs
import functools
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from embedkit.errors import InputError, ParameterError
from embedkit.text.decoding import explain_damage, refuse_foreign
from embedkit.text.files import open_input

__all__ = ["STOP_WORD_LISTS", "load_stop_words"]

COMMENT = re.compile(r"(?:^|\s)#.*")

# The words of scikit-learn's ENGLISH_STOP_WORDS, so that both leave out the same; a test holds them equal.
ENGLISH = """
a about above across after afterwards again against all almost alone along already also although always am among
amongst amoungst amount an and another any anyhow anyone anything anyway anywhere are around as at back be
became because become becomes becoming been before beforehand behind being below beside besides between beyond
bill both bottom but by call can cannot cant co con could couldnt cry de describe detail do done down due during
each eg eight either eleven else elsewhere empty enough etc even ever every everyone everything everywhere
except few fifteen fifty fill find fire first five for former formerly forty found four from front full further
get give go had has hasnt have he hence her here hereafter hereby herein hereupon hers herself him himself his
how however hundred i ie if in inc indeed interest into is it its itself keep last latter latterly least less
ltd made many may me meanwhile might mill mine more moreover most mostly move much must my myself name namely
neither never nevertheless next nine no nobody none noone nor not nothing now nowhere of off often on once one
only onto or other others otherwise our ours ourselves out over own part per perhaps please put rather re same
see seem seemed seeming seems serious several she should show side since sincere six sixty so some somehow
someone something sometime sometimes somewhere still such system take ten than that the their them themselves
then thence there thereafter thereby therefore therein thereupon these they thick thin third this those though
three through throughout thru thus to together too top toward towards twelve twenty two un under until up upon
us very via was we well were what whatever when whence whenever where whereafter whereas whereby wherein
whereupon wherever whether which while whither who whoever whole whom whose why will with within without would
yet you your yours yourself yourselves
"""

# Pronouns; demonstratives; questions; particles; interjections; negation and auxiliary verbs; prepositions;
# conjunctions; adverbs; places and times; measure words.
CHINESE = """
我 你 您 他 她 它 我们 你们 他们 她们 它们 咱 咱们 俺 自己 自身 本人 本身 人家 别人 他人 大家
彼此 互相 相互

这 那 此 该 其 之 这个 那个 这些 那些 这种 那种 这样 那样 这么 那么 这里 那里 这儿 那儿 这边
那边 这时 那时 此时 此处 此外 如此 其中 其他 其它 其余 这次 那次 某 某个 某些 本 另 另外 各
各个 各自 每 每个 每当 任何 一切 所有 有些 有的 一些 一样 一般

谁 什么 啥 哪 哪个 哪些 哪里 哪儿 怎 怎么 怎么样 怎样 如何 为何 为什么 何 何时 何处 几 几时
多少 多么 是否 能否 可否 岂 难道

的 地 得 了 着 过 吗 呢 吧 啊 呀 哇 嘛 啦 喽 咯 罢了 而已 似的 般 所 等 等等 之类 也好
也罢 与否 的话 来说 来讲 而言

哦 噢 喔 嗯 唉 哎 哎呀 哟 嘿 哈 呵 嗨 喂 哼 呃 咦

是 有 在 为 没 没有 不 别 勿 莫 未 非 无 不是 不能 不会 不要 不可 不必 不用 不得 不再 不曾
未曾 并非 并不 能 能够 会 可 可以 可能 要 应 应该 应当 须 必须 需 需要 得以 愿 愿意 肯 将
将要 让 使 使得 令 叫 给 被 把 来 去 起来 下去 下来 出来 出去 上来 上去 进来 进去 过来 过去
到 成为 作为 就是 便是 乃 属于 加以 予以 给予

于 从 自 自从 由 由于 往 向 朝 当 在于 对 对于 关于 至 至于 与 和 跟 同 随 随着 沿 沿着 依
依照 依据 按 按照 据 根据 鉴于 以 凭 凭借 通过 经 经过 因 为了 除 除了 比 比如 较 离 趁 就
连 连同 直到 以至 以及 及 有关 针对 基于

而 而且 并 并且 且 况且 何况 或 或者 或是 还是 要么 不但 不仅 不仅仅 不论 不管 无论 但 但是
可是 然而 不过 只是 却 反而 反之 虽 虽然 虽说 尽管 即使 即便 就算 纵然 固然 哪怕 因为 因此 因而
所以 故 于是 既 既然 以便 以免 免得 以致 致使 从而 进而 继而 如 如果 如同 假如 假使 倘若 若
要是 不然 否则 只要 只有 除非 一旦 与其 宁可 宁愿 不如 同时 总之 例如 譬如 诸如 像 好像 犹如
仿佛 似乎 然后 接着 随后 后来 首先 其次 再说 最后 由此 可见 据说 所谓

很 太 更 更加 最 极 极其 极为 非常 十分 相当 颇 尤其 甚 甚至 越 愈 稍 稍微 略 略微 几乎 大约
大概 约 左右 也 都 全 全部 均 皆 总 总是 共 一共 总共 一起 仅 仅仅 只 才 刚 刚刚 刚才 正
正在 正好 恰好 已 已经 曾 曾经 早已 便 一直 一向 从来 向来 往往 经常 常 常常 时常 时而 有时
偶尔 再 又 还 还有 仍 仍然 仍旧 依然 依旧 再次 究竟 到底 毕竟 原来 本来 其实 的确 确实 也许
或许 未必 当然 反正 绝 决不 绝不 毫无 毫不 互 凡 凡是

如今 现在 目前 当时 以后 以前 以来 之前 之后 以上 以下 以内 以外 之间 之中 当中 中 上 下 里 内
外 前 后 间 里面 外面 上面 下面 前面 后面 时 时候

一 两 一个 两个 几个 一种 一次 一点 一下 一会儿 一边 一面 个 些 种 位 条 件 次 回 项 份 段
"""
# Pronouns that simplified Chinese does not write, and a spelling that it does not have.
TRADITIONAL_ONLY = "妳 牠 祂 妳們 牠們 甚麼 爲甚麼 為甚麼"
# The simplified characters of the words above with the traditional ones, then variants, common in Taiwan, of those.
TRADITIONAL = str.maketrans(
    "们别这该个种样么里儿边时处余当谁为几岂难过吗喽罢类与话来说讲哟没无会并够应须愿将让给进属于从对关随据鉴凭借经较离连针况还仅论却虽尽纵继则宁总诸犹仿佛后见谓极颇约刚尔旧毕实确许绝决现内间两点条项",
    "們別這該個種樣麼裏兒邊時處餘當誰爲幾豈難過嗎嘍罷類與話來說講喲沒無會並夠應須願將讓給進屬於從對關隨據鑑憑藉經較離連針況還僅論卻雖儘縱繼則寧總諸猶彷彿後見謂極頗約剛爾舊畢實確許絕決現內間兩點條項",
)
VARIANTS = str.maketrans("裏爲着", "裡為著")


def load_stop_words(source: str | os.PathLike[str], *, encoding: str = "utf-8") -> frozenset[str]:
    """Return a list of stop words by its name, or the words of a file.

    Parameters
    ----------
    source : {"english", "chinese"} or path
        ``"english"`` is scikit-learn's list. ``"chinese"`` holds function words of modern Chinese, negation among them,
        each in simplified and traditional characters. Else a file with a word on each line, in which ``#`` at the
        begin of a line or after a space opens a comment; decompressed if it ends in .gz, .bz2 or .xz.
    encoding : str, default="utf-8"
        Of the file, by the name that Python has for it.

    Returns
    -------
    frozenset of str
        As they are written: lower-case them for a text that is lower-cased.

    Raises
    ------
    InputError
        If the file cannot be read, is in another encoding, has no word, or has several words on a line.
    ParameterError
        If `source` is neither a string nor a path, or there is no encoding of that name.

    Examples
    --------
    >>> from embedkit.text.stop_words import load_stop_words
    >>> "the" in load_stop_words("english"), "good" in load_stop_words("english")
    (True, False)
    >>> {"我们", "我們"} <= load_stop_words("chinese")
    True
    """
    if isinstance(source, str) and source in LISTS:
        return LISTS[source]()
    name = _name(source)
    with explain_damage(name), _open(name) as file:
        data = file.read()
    words = frozenset(_words(_decoded(data, encoding, name), name))
    if not words:
        raise InputError(f"{name} has no word; expected a word on each line")
    return words


@functools.cache
def _english() -> frozenset[str]:
    return frozenset(ENGLISH.split())


@functools.cache
def _chinese() -> frozenset[str]:
    traditional = CHINESE.translate(TRADITIONAL)
    return frozenset(f"{CHINESE} {traditional} {traditional.translate(VARIANTS)} {TRADITIONAL_ONLY}".split())


LISTS = {"english": _english, "chinese": _chinese}

STOP_WORD_LISTS = tuple(LISTS)
"""Names of the lists: ``"english"`` and ``"chinese"``."""


def _name(source: object) -> str:
    """The path of a file as a string."""
    name = os.fspath(source) if isinstance(source, str | os.PathLike) else None
    if not isinstance(name, str):
        raise ParameterError(f"source={source!r}: expected {_lists()}, or the path of a file; words need no loading")
    return name


def _lists() -> str:
    return " or ".join(map(repr, STOP_WORD_LISTS))


def _open(name: str) -> BinaryIO:
    """The file, or an error that tells the names of the lists."""
    try:
        return open_input(name)
    except InputError as error:
        if Path(name).exists() or not name:
            raise
        raise InputError(f"{error}, or take a list by its name: {_lists()}") from None


def _decoded(data: bytes, encoding: str, name: str) -> str:
    """The text of a file."""
    try:
        "".encode(encoding)
    except (LookupError, ValueError, TypeError):  # ValueError for a name with a NUL
        raise ParameterError(
            f"encoding={encoding!r}: no encoding of that name; expected one such as 'utf-8', 'latin-1' or 'gb18030'"
        ) from None
    utf8 = codecs.lookup(encoding).name == "utf-8"
    if utf8:
        refuse_foreign(data[:4], name)
    try:
        return data.decode(encoding).removeprefix("\ufeff")
    except UnicodeError as error:
        # Some codecs do not say where.
        at = error.start if isinstance(error, UnicodeDecodeError) else 0
        remedy = "set encoding to what it is, such as 'utf-8' or 'big5'"
        if utf8:
            remedy = (
                f"if it is GB18030, convert it: iconv -f GB18030 -t UTF-8 {name} > utf8.txt "
                "(in Python, encoding='gb18030' reads it as it is)"
            )
        line = data.count(b"\n", 0, at) + 1
        raise InputError(f"{name}, line {line}: not {encoding} ({data[at]:#04x}); {remedy}") from None


def _words(text: str, name: str) -> Iterator[str]:
    """The word of each line that has one."""
    for number, line in enumerate(text.split("\n"), 1):
        fields = COMMENT.sub("", line).split()
        if len(fields) > 1 or "\0" in line:
            raise InputError(f"{name}, line {number}: expected one word, met {line.strip()[:60]!r}")
        yield from fields
