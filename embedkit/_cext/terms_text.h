/* Strings of Python to words and characters.
 *
 * A text that is all ASCII is lower-cased and cut 64 bytes at a time. Any other becomes UTF-8 first, lone surrogates
 * included, and is walked by code points with tables that come from the running interpreter.
 */
#ifndef EMBEDKIT_TERMS_TEXT_H
#define EMBEDKIT_TERMS_TEXT_H

#include "scan_text.h"
#include "terms_core.h"
#include "utf8.h"

/* What \w matches below U+0080: letters, digits and the underscore. One bit for each of 64 bytes. */
static inline uint64_t word_bits(const uint8_t *p)
{
    uint64_t bits = 0;
#if defined(__SSE2__)
    for (int part = 0; part < 4; part++) {
        const __m128i x = _mm_loadu_si128((const __m128i *)(p + 16 * part));
        const __m128i letter = _mm_sub_epi8(_mm_or_si128(x, _mm_set1_epi8(0x20)), _mm_set1_epi8('a'));
        const __m128i digit = _mm_sub_epi8(x, _mm_set1_epi8('0'));
        __m128i word = _mm_cmpeq_epi8(x, _mm_set1_epi8('_'));
        word = _mm_or_si128(word, _mm_cmpeq_epi8(_mm_min_epu8(letter, _mm_set1_epi8(25)), letter));
        word = _mm_or_si128(word, _mm_cmpeq_epi8(_mm_min_epu8(digit, _mm_set1_epi8(9)), digit));
        bits |= (uint64_t)(uint32_t)_mm_movemask_epi8(word) << 16 * part;
    }
#else
    for (int i = 0; i < 64; i++)
        bits |= (uint64_t)(ascii_alnum(p[i]) | (p[i] == '_')) << i;
#endif
    return bits;
}

static inline void lower_ascii(const uint8_t *restrict p, int64_t n, uint8_t *restrict out)
{
    for (int64_t i = 0; i < n; i++)
        out[i] = (uint8_t)(p[i] + ((uint8_t)(p[i] - 'A') < 26 ? 32 : 0));
}

/* The words of n ASCII bytes, each followed by `end`. IN p[n], readable and without word characters for 64 bytes
 * more; OUT out, of room for 2 n + 64 bytes. The number of bytes written. */
static inline int64_t split_ascii(const uint8_t *restrict p, int64_t n, int shortest, uint8_t end,
                                  uint8_t *restrict out)
{
    const uint8_t *begin = out;
    int64_t start = -1; /* of the word that the last 64 bytes left open */
    for (int64_t base = 0; base <= n; base += 64) {
        const uint64_t bits = word_bits(p + base);
        uint64_t edges = bits ^ (bits << 1 | (start >= 0));
        while (edges) {
            const int64_t at = base + lowest_bit(edges);
            edges &= edges - 1;
            if (start < 0) {
                start = at;
                continue;
            }
            const int64_t length = at - start;
            if (length >= shortest) {
                for (int64_t k = 0; k < length; k += 16)
                    memcpy(out + k, p + start + k, 16);
                out += length;
                *out++ = end;
            }
            start = -1;
        }
    }
    return out - begin;
}

/* The same for UTF-8, by code points; characters of CLASS_CJK are words of their own if split_cjk. */
static inline int64_t split_utf8(const uint8_t *restrict p, int64_t n, const term_analysis *analysis, uint8_t end,
                          uint8_t *restrict out)
{
    const uint8_t *begin = out;
    int64_t start = 0, characters = 0;
    for (int64_t i = 0; i <= n;) {
        int size = 1;
        const uint32_t code = i < n ? utf8_read(p + i, &size) : 0;
        const uint8_t kind = class_of(&analysis->tables, code);
        const int word = (kind & CLASS_ALNUM) || code == '_';
        const int alone = word && analysis->split_cjk && (kind & CLASS_CJK);
        if (characters && (!word || alone)) {
            if (characters >= analysis->shortest) {
                memcpy(out, p + start, (size_t)(i - start));
                out += i - start;
                *out++ = end;
            }
            characters = 0;
        }
        if (alone) {
            memcpy(out, p + i, (size_t)size);
            out += size;
            *out++ = end;
        } else if (word) {
            start = characters ? start : i;
            characters++;
        }
        i += size;
    }
    return out - begin;
}

/* Lone surrogates become three bytes, as "surrogatepass" writes them. OUT out, of room for n * kind * 3 bytes at most
 * (four for kind 4). */
static inline int64_t encode_utf8(const term_text *text, uint8_t *out)
{
    const uint8_t *begin = out;
    for (int64_t i = 0; i < text->n; i++) {
        const uint32_t code = text->kind == 1   ? ((const uint8_t *)text->data)[i]
                              : text->kind == 2 ? ((const uint16_t *)text->data)[i]
                                                : ((const uint32_t *)text->data)[i];
        out += utf8_write(out, code);
    }
    return out - begin;
}

/* What str.isspace() says. */
static inline int is_space(uint32_t code)
{
    if (code < 0x80)
        return ascii_space((uint8_t)code);
    return code == 0x85 || code == 0xA0 || code == 0x1680 || (code >= 0x2000 && code <= 0x200A) || code == 0x2028 ||
           code == 0x2029 || code == 0x202F || code == 0x205F || code == 0x3000;
}

#endif
