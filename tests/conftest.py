"""What every test shares: the reference implementations on the path, and the real data where there is some."""

import os
import sys
from pathlib import Path

import pytest
from hypothesis import settings

# Threads of OpenMP spin while they wait, which makes small networks many times slower on a machine that is busy. The
# runtime reads this when it is loaded, with the first kernel.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

from embedkit.text import tokenized_blocks

# Tests never measure time, and a machine may be busy.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(autouse=True)
def _nothing_told_yet() -> None:
    """Let each test be told what a process is told once."""
    tokenized_blocks._told.clear()


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """Folder of real text and evaluation sets; a machine without it skips, CI fails."""
    default = Path(__file__).parents[2] / "shared" / "data"
    folder = Path(os.environ.get("EMBEDKIT_DATA", default))
    if not folder.is_dir():
        message = f"no real data at {folder}; set EMBEDKIT_DATA"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    return folder
