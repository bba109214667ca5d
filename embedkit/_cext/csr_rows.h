/* Rows of a sparse-dense product for numbers of type REAL; csr_multiply.c includes this file once for float
 * and once for double. NAME makes a name of its own for each. */
#if defined(__GNUC__) || defined(__clang__)
typedef REAL NAME(vector) __attribute__((vector_size(VECTOR_BYTES), aligned(sizeof(REAL)), may_alias));
#else
typedef REAL NAME(vector);
#endif
enum { NAME(LANES) = sizeof(NAME(vector)) / sizeof(REAL) };

/* Some registers of one row of Y, whose nonzeros are [at, stop). */
INLINE void NAME(panel)(const int32_t *indices, const REAL *data, int64_t at, int64_t stop, const REAL *x, REAL *y,
                        int64_t width, const int registers, const int copies)
{
    NAME(vector) sum[MOST_SUMS];
    UNROLL for (int i = 0; i < registers * copies; i++)
        sum[i] = (NAME(vector)){0};
    for (; at + copies <= stop; at += copies) {
        UNROLL for (int c = 0; c < copies; c++) {
            const NAME(vector) *row = (const NAME(vector) *)(x + (int64_t)indices[at + c] * width);
            UNROLL for (int r = 0; r < registers; r++)
                sum[c * registers + r] += row[r] * data[at + c];
        }
    }
    for (; at < stop; at++) {
        const NAME(vector) *row = (const NAME(vector) *)(x + (int64_t)indices[at] * width);
        UNROLL for (int r = 0; r < registers; r++)
            sum[r] += row[r] * data[at];
    }
    UNROLL for (int c = 1; c < copies; c++)
        UNROLL for (int r = 0; r < registers; r++)
            sum[r] += sum[c * registers + r];
    UNROLL for (int r = 0; r < registers; r++)
        ((NAME(vector) *)y)[r] = sum[r];
}

void FOR_VARIANT(NAME(csr_rows))(const int64_t *indptr, const int32_t *indices, const REAL *data, const REAL *x,
                                 REAL *y, int64_t width, int64_t first_row, int64_t stop_row)
{
    for (int64_t i = first_row; i < stop_row; i++) {
        const int64_t at = indptr[i], stop = indptr[i + 1];
        REAL *out = y + i * width;
        int64_t k = 0;
#define PANELS(registers, copies)                                                                             \
        for (; k + (registers) * NAME(LANES) <= width; k += (registers) * NAME(LANES))                        \
            NAME(panel)(indices, data, at, stop, x + k, out + k, width, registers, copies);
        PANELS(8, 1)
        PANELS(4, 2)
        PANELS(2, 4)
        PANELS(1, 8)
#undef PANELS
        if (k < width) {
            REAL sum[NAME(LANES)] = {0};
            for (int64_t p = at; p < stop; p++)
                for (int64_t c = 0; c < width - k; c++)
                    sum[c] += data[p] * x[(int64_t)indices[p] * width + k + c];
            memcpy(out + k, sum, (size_t)(width - k) * sizeof(REAL));
        }
    }
}
