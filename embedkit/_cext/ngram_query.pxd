from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t


cdef extern from "ngram_query.h" nogil:
    ctypedef struct ngram_numbers:
        const void *values
        const float *table
        int64_t exact
        int kind

    ctypedef struct ngram_words:
        const uint8_t *bytes
        const int64_t *offsets
        const uint32_t *slots
        uint64_t mask


cdef int set_numbers(ngram_numbers *numbers, array, const float[::1] table, int64_t exact) except -1
