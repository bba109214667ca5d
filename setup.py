"""Extensions, one C kernel file per instruction set, OpenMP, and the place of cli/. Metadata: pyproject.toml."""

import platform
import sys

from Cython.Build import cythonize
from extension_helpers import add_openmp_flags_if_available
from setuptools import Extension, find_packages, setup
from setuptools.command.build_ext import build_ext

MSVC = sys.platform == "win32"
X86 = platform.machine().lower() in {"x86_64", "amd64"}

# -ffast-math would flip denormal handling for the whole process, so only errno is given up.
OPTIMISE = ["/O2"] if MSVC else ["-O3", "-fopenmp-simd", "-fno-math-errno"]

# A kernel source is compiled once per row: suffix of its symbols, bytes in a register, compiler flags.
VARIANTS = [("baseline", 16, [])]
if X86 and not MSVC:
    VARIANTS += [
        ("avx2", 32, ["-mavx2", "-mfma"]),
        ("avx512", 64, ["-mavx512f", "-mavx512dq", "-mavx512bw", "-mavx512vl", "-mfma", "-mprefer-vector-width=512"]),
    ]
DISPATCHED = {
    "embedkit._cext.word2vec": ["embedkit/_cext/word2vec_step.c"],
    "embedkit._cext.csr": ["embedkit/_cext/csr_multiply.c"],
    "embedkit._cext.glove": ["embedkit/_cext/glove_step.c"],
    "embedkit._cext.fasttext": ["embedkit/_cext/fasttext_step.c"],
}


class build_kernels(build_ext):
    """Compile the dispatched kernels once per instruction set and link all of them."""

    def build_extension(self, ext):
        objects = []
        for source in DISPATCHED.get(ext.name, []):
            for name, width, flags in VARIANTS:
                objects += self.compiler.compile(
                    [source],
                    output_dir=f"{self.build_temp}/{name}",
                    macros=[("VARIANT", name), ("VECTOR_BYTES", str(width))],
                    include_dirs=ext.include_dirs,
                    extra_postargs=OPTIMISE + flags,
                    depends=ext.depends,
                )
        ext.extra_objects = [*ext.extra_objects, *objects]
        super().build_extension(ext)


def kernel(name, sources, depends):
    extension = Extension(
        f"embedkit._cext.{name}",
        [f"embedkit/_cext/{source}" for source in sources],
        include_dirs=["embedkit/_cext"],
        depends=[f"embedkit/_cext/{name}" for name in depends],
        define_macros=[(f"HAVE_VARIANT_{variant.upper()}", "1") for variant, _, _ in VARIANTS],
        extra_compile_args=OPTIMISE,
    )
    add_openmp_flags_if_available(extension)
    return extension


extensions = [
    kernel(
        "scan",
        ["scan.pyx", "scan_core.c"],
        ["scan_core.pxd", "scan_core.h", "scan_text.h", "utf8.h", "word_break.h", "word_break_data.h"],
    ),
    kernel("segment", ["segment.pyx"], ["word_break.h", "word_break_data.h", "utf8.h"]),
    kernel(
        "phrases",
        ["phrases.pyx", "scan_core.c"],
        ["scan_core.pxd", "scan_core.h", "scan_text.h", "utf8.h", "word_break.h", "word_break_data.h"],
    ),
    kernel("sampling", ["sampling.pyx"], ["sampling.h"]),
    kernel("augment", ["augment.pyx"], ["sampling.h"]),
    kernel("huffman", ["huffman.pyx"], []),
    kernel("processor", ["processor.pyx"], ["cpu.h"]),
    kernel("glove", ["glove.pyx"], ["glove_step.c", "glove_step.h", "sampling.h", "simd.h"]),
    kernel("csr", ["csr.pyx"], ["csr_multiply.c", "csr_multiply.h", "csr_rows.h", "simd.h"]),
    kernel("word2vec", ["word2vec.pyx"], ["word2vec_step.c", "word2vec_step.h", "sampling.h", "simd.h"]),
    kernel("cooccurrence", ["cooccurrence.pyx"], []),
    kernel(
        "terms",
        ["terms.pyx", "terms_core.c", "terms_table.c", "scan_core.c"],
        [
            "terms_core.h",
            "terms_nodes.h",
            "terms_text.h",
            "scan_core.pxd",
            "scan_core.h",
            "scan_text.h",
            "utf8.h",
            "word_break.h",
        ],
    ),
    kernel("ngrams", ["ngrams.pyx", "ngram_keys.c"], ["ngram_keys.h"]),
    kernel("ngram_trie", ["ngram_trie.pyx"], ["ngram_trie.h"]),
    kernel(
        "ngram_query",
        ["ngram_query.pyx"],
        ["ngram_query.pxd", "ngram_score.h", "ngram_query.h", "ngram_keys.h", "ngram_trie.h"],
    ),
    kernel("arpa", ["arpa.pyx"], ["arpa_text.h", "ngram_query.pxd", "ngram_query.h", "ngram_keys.h", "ngram_trie.h"]),
    kernel("fasttext", ["fasttext.pyx"], ["fasttext_step.c", "fasttext_step.h", "sampling.h", "simd.h"]),
]

setup(
    packages=[*find_packages(include=["embedkit", "embedkit.*"]), "embedkit_cli"],
    package_dir={"embedkit_cli": "cli"},
    ext_modules=cythonize(
        extensions,
        build_dir="build/cython",
        compiler_directives={
            "language_level": 3,
            "boundscheck": False,
            "wraparound": False,
            "cdivision": True,
            "initializedcheck": False,
            "freethreading_compatible": False,
        },
    ),
    cmdclass={"build_ext": build_kernels},
    include_package_data=False,
)
