/* Y = A X for a CSR matrix A and a dense X of a few dozen columns: the work of one thread on some rows.
 *
 * A row of Y is a weighted sum of rows of X that lie anywhere in memory. Wide rows of X make the most of each
 * access: 32 floats are two whole cache lines, a single one wastes the rest of its line. The
 * sum stays in registers; a sum of few registers is kept in several copies, each of every copies-th nonzero,
 * since an addition takes four cycles and the next one must not wait for it.
 *
 * Measured on PPMI of 106,330 words, 30 million nonzeros, 2 threads, on a machine with other work: asking for rows
 * ahead of time gained nothing at 16 and 32 floats and some 15 % at 64, and walking the columns in tiles that fit the
 * second-level cache gained nothing. The solver multiplies 16 at a time, so neither is done.
 */
#include "csr_multiply.h"
#include "simd.h"

#if defined(__GNUC__) || defined(__clang__)
#define UNROLL _Pragma("GCC unroll 32")
#else
#define UNROLL
#endif

enum { MOST_SUMS = 8 }; /* registers of sums, half of those of the smaller instruction sets */

#define REAL float
#define NAME(name) name##_float
#include "csr_rows.h"
#undef REAL
#undef NAME

#define REAL double
#define NAME(name) name##_double
#include "csr_rows.h"
