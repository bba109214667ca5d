"""The exception family: everything embedkit raises on purpose.

A message names the value that was met, what was expected, and what to do about it. Each class also
derives from the built-in exception a caller would expect, so ``except ValueError`` keeps working.
"""

__all__ = [
    "EmbedkitError",
    "FormatError",
    "InputError",
    "MissingDependencyError",
    "MissingWordError",
    "OutputError",
    "ParameterError",
    "TrainingError",
]


class EmbedkitError(Exception):
    """Base of every error that embedkit raises on purpose."""


class ParameterError(EmbedkitError, ValueError):
    """A parameter has a value that cannot work."""


class InputError(EmbedkitError, ValueError):
    """Text that cannot be used: missing, empty, wrongly encoded, or without a word that counts."""


class FormatError(EmbedkitError, ValueError):
    """A file of vectors or of vocabulary that is damaged, foreign, or cannot hold what it is given."""


class OutputError(EmbedkitError, OSError):
    """A file that cannot be written."""


class TrainingError(EmbedkitError, ArithmeticError):
    """Training left the numbers that float32 can hold."""


class MissingDependencyError(EmbedkitError, ImportError):
    """An optional package is needed that is not installed."""


class MissingWordError(EmbedkitError, KeyError):
    """A word that the vocabulary does not have."""

    def __str__(self) -> str:
        # KeyError would show the repr of the message, quotes and escapes included.
        return str(self.args[0]) if self.args else ""
