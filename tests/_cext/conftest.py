"""What tests of kernels share."""

import pytest

from embedkit._cext import processor


@pytest.fixture(params=processor.VARIANTS)
def instruction_set(request):
    """Each instruction set in turn; a processor that lacks one skips it."""
    if request.param not in processor.instruction_sets():
        pytest.skip(f"this processor has no {request.param}")
    before = processor.instruction_set()
    processor.use_instruction_set(request.param)
    yield request.param
    processor.use_instruction_set(before)
