"""Where a WordNet is installed, and what installs one where there is none."""

import os
import platform
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from embedkit.errors import InputError

__all__ = ["find_wordnet", "install_command"]

# Debian's wordnet-base, what the sources of WordNet install, Homebrew on either kind of Mac.
SYSTEM_PLACES = (
    "/usr/share/wordnet",
    "/usr/local/WordNet-3.0/dict",
    "/opt/homebrew/opt/wordnet/dict",
    "/usr/local/opt/wordnet/dict",
)
# Names under which nltk downloads English WordNets in this format, its default first.
NLTK_NAMES = ("wordnet", "wordnet31", "wordnet2022", "wordnet2021")
NLTK_SYSTEM_PLACES = (
    "/usr/share/nltk_data",
    "/usr/local/share/nltk_data",
    "/usr/lib/nltk_data",
    "/usr/local/lib/nltk_data",
)


def find_wordnet() -> Path:
    """Find an installed WordNet.

    Looked at in this order: the directory that ``$WNSEARCHDIR`` names, ``$WNHOME/dict``, where packages of the system
    put it, and where nltk downloads it to (``$NLTK_DATA``, ``~/nltk_data``, beside Python, /usr/share and so on),
    unpacked or not.

    Returns
    -------
    Path
        A directory, or a zip archive.

    Raises
    ------
    InputError
        If there is none, with the command that installs one on this system; or if a variable of the environment
        names a place without one.
    """
    for variable, below in (("WNSEARCHDIR", ""), ("WNHOME", "dict")):
        named = os.environ.get(variable)
        if named:
            place = Path(named) / below
            if _has_index(place):
                return place
            raise InputError(f"${variable} is set to {named}, but there is no index.noun in {place}; correct it")
    for place in _places():
        if _has_index(place) or (place.suffix == ".zip" and place.is_file()):
            return place
    raise InputError(
        f"no WordNet is installed; install one with: {install_command()} (or, where it is already, name its directory: "
        "'wordnet:/path/to/dict')"
    )


def install_command() -> str:
    """Return the command that installs a WordNet on this system: Debian's package, or nltk's download elsewhere."""
    if shutil.which("apt") and "debian" in _system_family():
        return "apt install wordnet-base"
    return "pip install nltk && python -m nltk.downloader wordnet"


def _system_family() -> set[str]:
    """Names of this Linux distribution and of those it descends from."""
    try:
        known = platform.freedesktop_os_release()
    except OSError:
        return set()
    return {known.get("ID", ""), *known.get("ID_LIKE", "").split()}


def _places() -> Iterator[Path]:
    yield from map(Path, SYSTEM_PLACES)
    for folder in _nltk_folders():
        for name in NLTK_NAMES:
            yield folder / "corpora" / name
            yield folder / "corpora" / f"{name}.zip"


def _nltk_folders() -> Iterator[Path]:
    """Where nltk looks for its data."""
    yield from (Path(place) for place in os.environ.get("NLTK_DATA", "").split(os.pathsep) if place)
    yield Path("~/nltk_data").expanduser()
    yield from (Path(sys.prefix) / below for below in ("nltk_data", "share/nltk_data", "lib/nltk_data"))
    yield from map(Path, NLTK_SYSTEM_PLACES)
    if "APPDATA" in os.environ:
        yield Path(os.environ["APPDATA"]) / "nltk_data"


def _has_index(place: Path) -> bool:
    try:
        return (place / "index.noun").is_file()
    except OSError:  # a place that may not be looked into
        return False
