/* What the driver (csr.pyx) and the compiled products (csr_multiply.c) share. */
#ifndef EMBEDKIT_CSR_MULTIPLY_H
#define EMBEDKIT_CSR_MULTIPLY_H

#include <stdint.h>

/* Rows [first_row, stop_row) of Y = A X. A is CSR; X and Y are dense, of `width` columns, row after row. */
typedef void (*csr_rows_float)(const int64_t *indptr, const int32_t *indices, const float *data, const float *x,
                               float *y, int64_t width, int64_t first_row, int64_t stop_row);
typedef void (*csr_rows_double)(const int64_t *indptr, const int32_t *indices, const double *data, const double *x,
                                double *y, int64_t width, int64_t first_row, int64_t stop_row);

#define DECLARE(real, variant)                                                                                 \
    void csr_rows_##real##_##variant(const int64_t *, const int32_t *, const real *, const real *, real *,     \
                                     int64_t, int64_t, int64_t);
DECLARE(float, baseline)
DECLARE(float, avx2)
DECLARE(float, avx512)
DECLARE(double, baseline)
DECLARE(double, avx2)
DECLARE(double, avx512)
#undef DECLARE

#endif
