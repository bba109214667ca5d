"""Devices, threads, seeds and memory: what is changed for a while is as before afterwards."""

import pytest
import torch

from embedkit.errors import ParameterError
from embedkit.neural.training.devices import explained_memory, resolve_device, seeded, torch_threads

CPU = torch.device("cpu")


def test_a_seed_gives_the_same_numbers_and_leaves_the_generator_as_it_was():
    torch.manual_seed(5)
    expected = torch.rand(6)
    torch.manual_seed(5)
    before = torch.rand(3)
    with seeded(1, CPU):
        first = torch.rand(3)
    between = torch.rand(3)
    with seeded(1, CPU):
        again = torch.rand(3)
    assert torch.equal(torch.cat([before, between]), expected)
    assert torch.equal(first, again)
    with seeded(2, CPU):
        assert not torch.equal(torch.rand(3), first)


def test_the_generator_is_set_back_after_an_error():
    state = torch.get_rng_state()

    def fail():
        with seeded(1, CPU):
            torch.rand(3)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize("n_jobs", [1, 3])
def test_threads_are_set_for_a_while(n_jobs):
    before = torch.get_num_threads()

    def fail():
        with torch_threads(n_jobs):
            assert torch.get_num_threads() == n_jobs
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert torch.get_num_threads() == before


def test_without_a_number_of_threads_torch_keeps_its_own():
    with torch_threads(3), torch_threads(None):
        assert torch.get_num_threads() == 3


def test_a_number_of_threads_that_cannot_be_changes_nothing():
    before = torch.get_num_threads()
    with pytest.raises(ParameterError, match="n_jobs=0"), torch_threads(0):
        pass
    assert torch.get_num_threads() == before


def test_devices_have_torchs_names():
    assert resolve_device("cpu") == torch.device("cpu")
    assert resolve_device("cpu:0") == torch.device("cpu:0")
    assert resolve_device("auto").type == ("cuda" if torch.cuda.is_available() else "cpu")


@pytest.mark.parametrize("name", ["gpu", "cuda:99", "cpu:1", "meta", "", None, 1.5])
def test_a_device_that_is_not_there_is_named_with_those_that_are(name):
    with pytest.raises(ParameterError, match=rf"device={name!r}: .*expected one of 'auto', 'cpu'"):
        resolve_device(name)


def test_a_processor_without_memory_says_what_to_try():
    with (
        pytest.raises(ParameterError, match=r"batch_size=50: .* cpu .* 90 words; try batch_size=25, max_length=45"),
        explained_memory(CPU, 50, 90),
    ):
        torch.empty(2**60, dtype=torch.uint8)


def test_a_gpu_without_memory_says_what_to_try():
    with (
        pytest.raises(ParameterError, match=r"batch_size=1: .* cuda:0 .* 1 words; try max_length=1,"),
        explained_memory(torch.device("cuda:0"), 1, 1),
    ):
        raise torch.OutOfMemoryError("CUDA out of memory")


def test_other_errors_are_not_taken_for_want_of_memory():
    with pytest.raises(RuntimeError, match="mat1 and mat2"), explained_memory(CPU, 50, 90):
        torch.ones(2, 3) @ torch.ones(2, 3)
