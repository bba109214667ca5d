"""Which instruction set the kernels use: those compiled in, what this processor runs, and the choice between them.

A dispatched kernel is compiled once per row of VARIANTS (setup.py); its driver asks `variant` at each call.
"""

cdef extern from "cpu.h" nogil:
    int cpu_best_variant()

cdef extern from * nogil:
    """
    static int is_compiled(int variant)
    {
    #ifdef HAVE_VARIANT_AVX512
        if (variant == 2) return 1;
    #endif
    #ifdef HAVE_VARIANT_AVX2
        if (variant == 1) return 1;
    #endif
        return variant == 0;
    }
    """
    bint is_compiled(int variant)

VARIANTS = ("baseline", "avx2", "avx512")
cdef int current = 0


def variant():
    """Place in VARIANTS of the instruction set in use."""
    return current


def instruction_set():
    """Name of the instruction set in use."""
    return VARIANTS[current]


def instruction_sets():
    """Names of the instruction sets that are compiled in and that this processor runs, best last."""
    return [name for i, name in enumerate(VARIANTS) if i <= cpu_best_variant() and is_compiled(i)]


def use_instruction_set(name=None):
    """Choose an instruction set by name, or the best one; returns its name."""
    global current
    available = instruction_sets()
    if name is None:
        name = available[len(available) - 1]
    if name not in available:
        raise ValueError(f"instruction set {name!r} is not available here, expected one of {', '.join(available)}")
    current = VARIANTS.index(name)
    return name


use_instruction_set()
