"""WordNets of the package wn: a small one of two languages in its database, and what is said without it."""

import logging
import pickle
import sys

import pytest

from embedkit.errors import InputError, MissingDependencyError
from embedkit.lexicon import WnLexicon, load_lexicon

ENTRY = '<LexicalEntry id="{id}"><Lemma writtenForm="{word}" partOfSpeech="{pos}"/>{sense}</LexicalEntry>'
RELATION = '<SynsetRelation relType="{kind}" target="{target}"/>'
LEXICON = (
    '<Lexicon id="{id}" label="Tiny" language="{language}" email="a@example.org" license="none" version="1">'
    "{content}</Lexicon>"
)
RESOURCE = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<!DOCTYPE LexicalResource SYSTEM "http://globalwordnet.github.io/schemas/WN-LMF-1.1.dtd">\n'
    '<LexicalResource xmlns:dc="https://globalwordnet.github.io/schemas/dc/">{lexicons}</LexicalResource>\n'
)


def lexicon_of(name, language, entries, synsets, requires=""):
    """A lexicon in WN-LMF: entries are (word, pos, synset, antonym), synsets (name, pos, hypernym)."""
    content = requires
    for number, (word, pos, synset, antonym) in enumerate(entries):
        opposite = next((place for place, other in enumerate(entries) if other[0] == antonym), None)
        relation = "" if opposite is None else f'<SenseRelation relType="antonym" target="{name}-s{opposite}"/>'
        sense = f'<Sense id="{name}-s{number}" synset="{name}-{synset}">{relation}</Sense>'
        content += ENTRY.format(id=f"{name}-w{number}", word=word, pos=pos, sense=sense)
    below = {}
    for synset, _, hypernym in synsets:
        below.setdefault(hypernym, []).append(synset)
    for synset, pos, hypernym in synsets:
        relations = "".join(
            f'<SynsetRelation relType="hyponym" target="{name}-{one}"/>' for one in below.get(synset, [])
        )
        if hypernym:
            relations += f'<SynsetRelation relType="hypernym" target="{name}-{hypernym}"/>'
        content += f'<Synset id="{name}-{synset}" ili="i-{synset}" partOfSpeech="{pos}">{relations}</Synset>'
    return LEXICON.format(id=name, language=language, content=content)


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    import wn

    folder = tmp_path_factory.mktemp("wn")
    english = lexicon_of(
        "tiny-en",
        "en",
        [
            ("dog", "n", "dog", None),
            ("domestic dog", "n", "dog", None),
            ("canine", "n", "canine", None),
            ("animal", "n", "animal", None),
            ("dog", "v", "chase", None),
            ("chase", "v", "chase", None),
            ("good", "a", "good", "bad"),
            ("bad", "a", "bad", "good"),
            ("fine", "s", "fine", None),
            ("all right", "s", "fine", None),
        ],
        [
            ("dog", "n", "canine"),
            ("canine", "n", "animal"),
            ("animal", "n", None),
            ("chase", "v", None),
            ("good", "a", None),
            ("bad", "a", None),
            ("fine", "s", None),
        ],
    )
    chinese = lexicon_of(
        "tiny-zh",
        "zh",
        [("狗", "n", "dog", None), ("犬", "n", "dog", None), ("动物", "n", "animal", None)],
        [("dog", "n", None), ("animal", "n", None)],
        requires='<Requires id="tiny-en" version="1"/>',
    )
    lonely = lexicon_of(
        "lonely", "zh", [("猫", "n", "cat", None)], [("cat", "n", None)], '<Requires id="no" version="1"/>'
    )
    (folder / "tiny.xml").write_text(RESOURCE.format(lexicons=english + chinese + lonely), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wn.config, "data_directory", folder / "data")
        wn.add(folder / "tiny.xml", progress_handler=None)
        yield


@pytest.mark.usefixtures("database")
class TestDatabase:
    def test_relations_of_an_english_one(self):
        lexicon = load_lexicon("wn:tiny-en:1")
        assert lexicon.synonyms("dog") == ["domestic dog", "chase"]
        assert lexicon.synonyms("dog", pos="v") == ["chase"]
        assert lexicon.antonyms("good") == ["bad"]
        assert lexicon.hypernyms("domestic_dog") == ["canine", "animal"]
        assert lexicon.hyponyms("animal") == ["canine"]

    def test_base_forms_and_satellites(self):
        lexicon = WnLexicon("tiny-en:1")
        assert lexicon.synonyms("Dogs") == ["domestic dog", "chase"]
        assert lexicon.synonyms("finer", pos="a") == ["all right"]
        assert "dogging" not in lexicon

    def test_one_of_another_language_takes_relations_from_the_one_it_needs(self):
        lexicon = WnLexicon("tiny-zh:1")
        assert lexicon.synonyms("狗") == ["犬"]
        # What has no word in this language is passed over.
        assert lexicon.hypernyms("犬") == ["动物"]
        assert "猫" not in lexicon
        assert lexicon.synonyms("") == lexicon.synonyms("猫") == []

    def test_a_pickle_opens_the_database_again(self):
        assert pickle.loads(pickle.dumps(WnLexicon("tiny-zh:1"))).synonyms("狗") == ["犬"]

    def test_a_lexicon_that_was_not_downloaded(self):
        with pytest.raises(InputError, match=r"download it with: python -m wn download omw-xyz:1.4"):
            load_lexicon("wn:omw-xyz:1.4")
        with pytest.raises(InputError, match="wn: names no lexicon"):
            load_lexicon("wn:")

    def test_a_needed_lexicon_that_was_not_downloaded_is_warned_of(self, caplog):
        with caplog.at_level(logging.WARNING, "embedkit"):
            assert WnLexicon("lonely:1").synonyms("猫") == []
        assert "no:1" in caplog.text
        assert "python -m wn download" in caplog.text


def test_without_the_package_the_error_has_the_command(monkeypatch):
    monkeypatch.setitem(sys.modules, "wn", None)
    with pytest.raises(MissingDependencyError, match="pip install wn"):
        load_lexicon("wn:omw-cmn:1.4")
