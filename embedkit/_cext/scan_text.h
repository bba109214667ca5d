/* Lower case of UTF-8, as str.lower() has it.
 *
 * There is a fast path for 16 ASCII bytes at a time, in a plain loop that compilers vectorise; elsewhere code points are
 * walked, with tables that come from the running interpreter. A text grows by half at most (U+0130, two bytes, becomes
 * three).
 */
#ifndef EMBEDKIT_SCAN_TEXT_H
#define EMBEDKIT_SCAN_TEXT_H

#include "scan_core.h"
#include "utf8.h"

static inline uint8_t class_of(const scan_tables *tables, uint32_t code)
{
    return code < (uint64_t)tables->n_classes ? tables->classes[code] : 0;
}

static inline int ascii_alnum(uint8_t c)
{
    return ((uint8_t)((c | 0x20) - 'a') < 26) | ((uint8_t)(c - '0') < 10);
}

/* Whether the capital sigma at p[i] ends a word: a cased letter before it, none after it, with what
 * is case-ignorable skipped (Unicode 15, table 3-17, Final_Sigma). */
static int final_sigma(const uint8_t *p, int64_t n, int64_t i, const scan_tables *tables)
{
    int size;
    int64_t k = i;
    uint8_t kind = 0;
    while (k > 0) {
        do
            k--;
        while ((p[k] & 0xC0) == 0x80);
        kind = class_of(tables, utf8_read(p + k, &size));
        if (!(kind & CLASS_IGNORABLE))
            break;
    }
    if (!(kind & CLASS_CASED))
        return 0;
    for (k = i + 2; k < n; k += size) {
        kind = class_of(tables, utf8_read(p + k, &size));
        if (!(kind & CLASS_IGNORABLE))
            return !(kind & CLASS_CASED);
    }
    return 1;
}

/* Lower-case n bytes. IN p[n]; OUT out, of room for n + n / 2 + 4 bytes. The number of bytes written. */
static inline int64_t lower_text(const uint8_t *restrict p, int64_t n, uint8_t *restrict out, const scan_tables *tables)
{
    const uint8_t *start = out;
    int64_t i = 0;
    while (i < n) {
        if (i + 16 <= n) {
            uint8_t high = 0;
            for (int k = 0; k < 16; k++)
                high |= p[i + k];
            if (high < 0x80) {
                for (int k = 0; k < 16; k++)
                    out[k] = (uint8_t)(p[i + k] + ((uint8_t)(p[i + k] - 'A') < 26 ? 32 : 0));
                i += 16;
                out += 16;
                continue;
            }
        }
        const int64_t stop = i + 16 < n ? i + 16 : n;
        while (i < stop) {
            int size;
            uint32_t code = utf8_read(p + i, &size);
            if (code == 0x0130) { /* the one capital whose lower case is two code points */
                *out++ = 'i';
                code = 0x0307;
            } else if (code == 0x03A3) {
                code = final_sigma(p, n, i, tables) ? 0x03C2 : 0x03C3;
            } else if (code < (uint64_t)tables->n_lower) {
                code = (uint32_t)((int32_t)code + tables->lower[code]);
            }
            out += utf8_write(out, code);
            i += size;
        }
    }
    return out - start;
}

#endif
