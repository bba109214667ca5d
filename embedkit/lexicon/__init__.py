"""Related words: synonyms, antonyms, hypernyms and hyponyms, from WordNet, lists of words or word vectors."""

from embedkit.lexicon.cilin import CilinLexicon
from embedkit.lexicon.loading import load_lexicon
from embedkit.lexicon.protocol import Lexicon
from embedkit.lexicon.vectors import VectorLexicon
from embedkit.lexicon.wn_package import WnLexicon
from embedkit.lexicon.word_lists import WordLists
from embedkit.lexicon.wordnet import WordNet

__all__ = ["CilinLexicon", "Lexicon", "VectorLexicon", "WnLexicon", "WordLists", "WordNet", "load_lexicon"]
