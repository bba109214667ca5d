/* Y = A X for a CSR matrix A and a dense X of a few dozen columns: the work of one thread on some rows.
 *
 * A row of Y is a weighted sum of rows of X that lie anywhere in memory, so the product waits for them and
 * hardly for the multiplications. Hence: the sum stays in registers; rows of X are asked for AHEAD nonzeros
 * before their turn; and a sum of few registers is kept in several copies, each of every copies-th nonzero,
 * because an addition takes four cycles and the next one must not wait for it.
 */
#include "csr_multiply.h"
#include "simd.h"

#if defined(__GNUC__) || defined(__clang__)
#define PREFETCH(address) __builtin_prefetch(address, 0, 3)
#define UNROLL _Pragma("GCC unroll 32")
#else
#define PREFETCH(address) ((void)0)
#define UNROLL
#endif

enum {
    MOST_SUMS = 8, /* registers of sums; half of those of the smaller instruction sets */
    AHEAD = 12,    /* nonzeros: measured, 8 to 24 are alike */
};

#define REAL float
#define NAME(name) name##_float
#include "csr_rows.h"
#undef REAL
#undef NAME

#define REAL double
#define NAME(name) name##_double
#include "csr_rows.h"
