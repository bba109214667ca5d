"""Naive twin of the scanner: tokenise with str methods, count with Counter, look up in a dict."""

from collections import Counter

from reference import word_break

WIDE_SPACE = "\x85\xa0\u1680\u2000\u2001\u2002\u2003\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
ASCII_SPACE = " \t\x0b\x0c\r\x1c\x1d\x1e\x1f"
# Characters that take part in some rule, and neighbours that take part in none.
ODD = (
    ASCII_SPACE + WIDE_SPACE + "abyzABYZ0189'’\"_-.,:;\x01\x08\x0e\x1b\x7f\x84\x9f\u200b\u180e\ufeff\u1681\u2010\u2027"
    "\u0300\u0301\u0308\u0903\u20dd\ufe0f\u00ad\u200dªº²½٣"
    "éÉßẞıİİΣΣσςαΑΆǅȺȾKÅꭰᏣΩ\u02b0\u0345Ⅳⓐ"
    "世界語한글かな、。\u3001\u302aไทยکि۰עברםカタ״"
    "😀𝔸𐐀𐐨𞤀𠀀\U000e0101\U0010ffff☎❤\U0001f3fd🇨🇳🇩"
)
PUNCTUATION = "+punctuation"


def tokenize(text: str, tokenizer: str, lowercase: bool) -> list[str]:
    if tokenizer == "whitespace":
        words = text.split()
    else:
        characters = tokenizer.removesuffix(PUNCTUATION) == "char"
        words = word_break.tokens(text, characters, tokenizer.endswith(PUNCTUATION))
    return [word.lower() for word in words] if lowercase else words


def encode(
    documents, tokenizer="whitespace", lowercase=False, min_count=1, max_vocab=None, keep_empty=False, words=None
):
    """Words in order, their counts, and ids with -1 behind each document; documents are strings or lists of words."""
    tokenized = []
    for document in documents:
        if isinstance(document, str):
            tokenized.append(tokenize(document, tokenizer, lowercase))
        else:
            tokenized.append([word.lower() if lowercase else word for word in document if word])
    counts = Counter(word for document in tokenized for word in document)
    if words is None:
        words = sorted((word for word in counts if counts[word] >= min_count), key=lambda word: (-counts[word], word))
        words = words[:max_vocab]
    index = {word: i for i, word in enumerate(words)}
    ids = []
    for document in tokenized:
        kept = [index[word] for word in document if word in index]
        ids += [*kept, -1] if kept or keep_empty else []
    return words, [counts[word] for word in words], ids
