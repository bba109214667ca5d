/* UTF-8, one code point or 64 bytes at a time: reading, writing, white space, validity.
 *
 * All readers but utf8_first_invalid() take text that is known to be valid, so that a lead byte
 * alone says how many bytes follow.
 */
#ifndef EMBEDKIT_UTF8_H
#define EMBEDKIT_UTF8_H

#include <stdint.h>
#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/* The code point at p; *size becomes its number of bytes. */
static inline uint32_t utf8_read(const uint8_t *p, int *size)
{
    const uint32_t c = p[0];
    if (c < 0x80) {
        *size = 1;
        return c;
    }
    if (c < 0xE0) {
        *size = 2;
        return (c & 0x1F) << 6 | (p[1] & 0x3Fu);
    }
    if (c < 0xF0) {
        *size = 3;
        return (c & 0x0F) << 12 | (p[1] & 0x3Fu) << 6 | (p[2] & 0x3Fu);
    }
    *size = 4;
    return (c & 0x07) << 18 | (p[1] & 0x3Fu) << 12 | (p[2] & 0x3Fu) << 6 | (p[3] & 0x3Fu);
}

/* Write a code point; the number of bytes it took. */
static inline int utf8_write(uint8_t *out, uint32_t code)
{
    if (code < 0x80) {
        out[0] = (uint8_t)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (uint8_t)(0xC0 | code >> 6);
        out[1] = (uint8_t)(0x80 | (code & 0x3F));
        return 2;
    }
    if (code < 0x10000) {
        out[0] = (uint8_t)(0xE0 | code >> 12);
        out[1] = (uint8_t)(0x80 | (code >> 6 & 0x3F));
        out[2] = (uint8_t)(0x80 | (code & 0x3F));
        return 3;
    }
    out[0] = (uint8_t)(0xF0 | code >> 18);
    out[1] = (uint8_t)(0x80 | (code >> 12 & 0x3F));
    out[2] = (uint8_t)(0x80 | (code >> 6 & 0x3F));
    out[3] = (uint8_t)(0x80 | (code & 0x3F));
    return 4;
}

/* White space below U+0080, as str.split() sees it: tab to carriage return, U+001C to U+001F, space. */
static inline int ascii_space(uint8_t c)
{
    return c == ' ' || (uint8_t)(c - 0x09) <= 4 || (uint8_t)(c - 0x1C) <= 3;
}

/* Number of bytes of the white space beyond ASCII that starts at p, or 0: U+0085, U+00A0, U+1680,
 * U+2000 to U+200A, U+2028, U+2029, U+202F, U+205F, U+3000. */
static inline int wide_space(const uint8_t *p)
{
    switch (p[0]) {
    case 0xC2:
        return p[1] == 0x85 || p[1] == 0xA0 ? 2 : 0;
    case 0xE1:
        return p[1] == 0x9A && p[2] == 0x80 ? 3 : 0;
    case 0xE2:
        if (p[1] == 0x80)
            return p[2] <= 0x8A || p[2] == 0xA8 || p[2] == 0xA9 || p[2] == 0xAF ? 3 : 0;
        return p[1] == 0x81 && p[2] == 0x9F ? 3 : 0;
    case 0xE3:
        return p[1] == 0x80 && p[2] == 0x80 ? 3 : 0;
    }
    return 0;
}

/* One bit for each of 64 bytes: `space` marks ASCII white space, `lead` marks bytes that may start
 * white space beyond ASCII, `zero` marks NUL. */
typedef struct {
    uint64_t space, lead, zero;
} byte_marks;

static inline byte_marks mark_bytes(const uint8_t *p)
{
    byte_marks marks = {0, 0, 0};
#if defined(__SSE2__)
    for (int part = 0; part < 4; part++) {
        const __m128i x = _mm_loadu_si128((const __m128i *)(p + 16 * part));
        const __m128i tab = _mm_sub_epi8(x, _mm_set1_epi8(0x09)), unit = _mm_sub_epi8(x, _mm_set1_epi8(0x1C));
        __m128i space = _mm_cmpeq_epi8(x, _mm_set1_epi8(' '));
        space = _mm_or_si128(space, _mm_cmpeq_epi8(_mm_min_epu8(tab, _mm_set1_epi8(4)), tab));
        space = _mm_or_si128(space, _mm_cmpeq_epi8(_mm_min_epu8(unit, _mm_set1_epi8(3)), unit));
        marks.space |= (uint64_t)(uint32_t)_mm_movemask_epi8(space) << 16 * part;
        marks.zero |= (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(x, _mm_setzero_si128())) << 16 * part;
        if (_mm_movemask_epi8(x)) {
            __m128i lead = _mm_cmpeq_epi8(x, _mm_set1_epi8((char)0xC2));
            lead = _mm_or_si128(lead, _mm_cmpeq_epi8(x, _mm_set1_epi8((char)0xE1)));
            lead = _mm_or_si128(lead, _mm_cmpeq_epi8(x, _mm_set1_epi8((char)0xE2)));
            lead = _mm_or_si128(lead, _mm_cmpeq_epi8(x, _mm_set1_epi8((char)0xE3)));
            marks.lead |= (uint64_t)(uint32_t)_mm_movemask_epi8(lead) << 16 * part;
        }
    }
#else
    for (int i = 0; i < 64; i++) {
        const uint8_t c = p[i];
        marks.space |= (uint64_t)ascii_space(c) << i;
        marks.zero |= (uint64_t)(c == 0) << i;
        marks.lead |= (uint64_t)(c == 0xC2 || (uint8_t)(c - 0xE1) <= 2) << i;
    }
#endif
    return marks;
}

/* Index of the lowest bit set; mask is not 0. */
static inline int lowest_bit(uint64_t mask)
{
#if defined(__GNUC__)
    return __builtin_ctzll(mask);
#else
    int i = 0;
    while (!(mask >> i & 1))
        i++;
    return i;
#endif
}

/* Bytes of the valid sequence at p of which `left` bytes are there, or 0. As strict as Python: no
 * overlong forms, no surrogates, nothing above U+10FFFF (Unicode 15, table 3-7). */
static inline int utf8_sequence(const uint8_t *p, int64_t left)
{
    const uint8_t c = p[0];
    if (c < 0xC2)
        return 0;
    if (c < 0xE0)
        return left >= 2 && (p[1] & 0xC0) == 0x80 ? 2 : 0;
    if (c < 0xF0) {
        if (left < 3 || (p[1] & 0xC0) != 0x80 || (p[2] & 0xC0) != 0x80)
            return 0;
        return (c == 0xE0 && p[1] < 0xA0) || (c == 0xED && p[1] >= 0xA0) ? 0 : 3;
    }
    if (c > 0xF4 || left < 4 || (p[1] & 0xC0) != 0x80 || (p[2] & 0xC0) != 0x80 || (p[3] & 0xC0) != 0x80)
        return 0;
    return (c == 0xF0 && p[1] < 0x90) || (c == 0xF4 && p[1] >= 0x90) ? 0 : 4;
}

/* Offset of the first byte that is NUL or starts no valid sequence, or -1. */
static inline int64_t utf8_first_invalid(const uint8_t *p, int64_t n)
{
    const uint64_t high = 0x8080808080808080u, ones = 0x0101010101010101u;
    int64_t i = 0;
    while (i < n) {
        while (i + 16 <= n) {
            uint64_t a, b;
            memcpy(&a, p + i, 8);
            memcpy(&b, p + i + 8, 8);
            /* A byte of 0 borrows its high bit when 1 is taken away. */
            if ((a | b | (a - ones) | (b - ones)) & high)
                break;
            i += 16;
        }
        while (i < n && (uint8_t)(p[i] - 1) < 0x7F)
            i++;
        while (i < n && p[i] >= 0x80) {
            const int size = utf8_sequence(p + i, n - i);
            if (!size)
                return i;
            i += size;
        }
        if (i < n && !p[i])
            return i;
    }
    return -1;
}

#endif
