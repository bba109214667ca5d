"""Without torch, skorch or safetensors the tests of this folder are skipped, and say so; in CI that is a failure."""

import os
from importlib.util import find_spec

import pytest

MISSING = [name for name in ("torch", "skorch", "safetensors") if find_spec(name) is None]


class _Missing(pytest.Module):
    """A file of tests that is not imported."""

    def collect(self):
        message = f"embedkit.neural needs {', '.join(MISSING)}: pip install torch skorch safetensors"
        if os.environ.get("CI") == "true":
            raise self.CollectError(message)
        pytest.skip(message, allow_module_level=True)


def pytest_pycollect_makemodule(module_path, parent):
    """Look for what is missing before a file of tests imports it."""
    return _Missing.from_parent(parent, path=module_path) if MISSING else None
