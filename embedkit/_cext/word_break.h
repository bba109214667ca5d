/* Words of UTF-8 text by the rules of Unicode Standard Annex #29, section 4.1 (Default Word Boundary Specification).
 *
 * Two roads that agree. By code points: a segment grows while the rules WB3 to WB16 forbid a boundary; the state is
 * what they look at. By 16 ASCII bytes: what joins two letters or two digits there is one of . ' : , ; between them,
 * so a byte and its two neighbours decide, in a plain loop that compilers vectorise.
 *
 * Text that is "tailored" differs from the standard in two points, so that no word holds white space: U+202F, a narrow
 * space which the standard takes for a connector like the underscore, is a space; and an emoji is not joined (WB3c) to a
 * joiner that has nothing but white space before it.
 */
#ifndef EMBEDKIT_WORD_BREAK_H
#define EMBEDKIT_WORD_BREAK_H

#include <stdint.h>
#include <string.h>

#include "utf8.h"
#include "word_break_data.h"

enum { WB_KIND_SPACE = 0, WB_KIND_PUNCTUATION = 1, WB_KIND_WORD = 2 };

/* How text is cut: words, or single characters with the marks that follow them. */
typedef struct {
    int characters;
    int tailored;
    int punctuation; /* is kept beside words */
} wb_rules;

/* An open segment. */
typedef struct {
    uint8_t last;       /* class of the last code point */
    uint8_t before;     /* the same without Extend, Format and ZWJ (WB4) */
    uint8_t base_flags; /* flags of the code point that has `before` */
    uint8_t kind;
    int expected;  /* a rule looked ahead: what comes next, marks aside, is joined */
    int odd_flags; /* regional indicators, modulo 2 */
} wb_segment;

static inline uint8_t wb_flags(uint32_t code)
{
    return WB_BLOCKS[(uint32_t)WB_INDEX[code >> WB_SHIFT] << WB_SHIFT | (code & ((1u << WB_SHIFT) - 1))];
}

static inline uint8_t wb_flags_of(uint32_t code, const wb_rules *rules)
{
    return code == 0x202F && rules->tailored ? WB_WSEGSPACE | WB_SPACE : wb_flags(code);
}

static inline int wb_attached(uint8_t kind)
{
    return kind == WB_EXTEND || kind == WB_FORMAT || kind == WB_ZWJ;
}

static inline int wb_letter(uint8_t kind)
{
    return kind == WB_ALETTER || kind == WB_HEBREW_LETTER;
}

static inline int wb_newline(uint8_t kind)
{
    return kind == WB_CR || kind == WB_LF || kind == WB_NEWLINE;
}

/* Class of the first code point at or after p[i] that is not attached to what is before it. */
static inline uint8_t wb_next_class(const uint8_t *p, int64_t n, int64_t i, const wb_rules *rules)
{
    while (i < n) {
        int size;
        const uint8_t kind = wb_flags_of(utf8_read(p + i, &size), rules) & WB_CLASS;
        if (!wb_attached(kind))
            return kind;
        i += size;
    }
    return WB_OTHER;
}

/* Whether the rules join a code point to the segment. `after` is where the next one starts. OUT expected. */
static inline int wb_joins(const wb_segment *s, uint8_t flags, const uint8_t *p, int64_t n, int64_t after,
                           const wb_rules *rules, int *expected)
{
    const uint8_t kind = flags & WB_CLASS, before = s->before;
    const int number_or_letter = wb_letter(before) || before == WB_NUMERIC;
    *expected = 0;
    if (s->last == WB_CR && kind == WB_LF) /* WB3 */
        return 1;
    if (wb_newline(s->last) || wb_newline(kind)) /* WB3a, WB3b */
        return 0;
    if (s->last == WB_ZWJ && flags & WB_PICTOGRAPH && !(rules->tailored && s->kind == WB_KIND_SPACE)) /* WB3c */
        return 1;
    if (s->last == WB_WSEGSPACE && kind == WB_WSEGSPACE) /* WB3d */
        return !rules->characters;
    if (wb_attached(kind)) { /* WB4 */
        *expected = s->expected;
        return 1;
    }
    if (kind == WB_REGIONAL_INDICATOR) /* WB15, WB16 */
        return before == WB_REGIONAL_INDICATOR && s->odd_flags;
    if (rules->characters)
        return 0;
    if (s->expected) /* WB7, WB7c, WB11 */
        return 1;
    switch (kind) {
    case WB_ALETTER:
    case WB_HEBREW_LETTER:
    case WB_NUMERIC:
        return number_or_letter || before == WB_EXTENDNUMLET; /* WB5, WB8, WB9, WB10, WB13b */
    case WB_KATAKANA:
        return before == WB_KATAKANA || before == WB_EXTENDNUMLET; /* WB13, WB13b */
    case WB_EXTENDNUMLET:
        return number_or_letter || before == WB_KATAKANA || before == WB_EXTENDNUMLET; /* WB13a */
    case WB_SINGLE_QUOTE:
    case WB_MIDNUMLET:
    case WB_MIDLETTER:
    case WB_MIDNUM:
        if (kind != WB_MIDNUM && wb_letter(before)) /* WB6 */
            *expected = wb_letter(wb_next_class(p, n, after, rules));
        else if (kind != WB_MIDLETTER && before == WB_NUMERIC) /* WB12 */
            *expected = wb_next_class(p, n, after, rules) == WB_NUMERIC;
        return *expected || (kind == WB_SINGLE_QUOTE && before == WB_HEBREW_LETTER); /* WB7a */
    case WB_DOUBLE_QUOTE:
        if (before == WB_HEBREW_LETTER) /* WB7b */
            *expected = wb_next_class(p, n, after, rules) == WB_HEBREW_LETTER;
        return *expected;
    default:
        return 0;
    }
}

/* Add a code point to the segment. */
static inline void wb_add(wb_segment *s, uint32_t code, uint8_t flags, int expected)
{
    const uint8_t kind = flags & WB_CLASS;
    s->last = kind;
    s->expected = expected;
    if (wb_attached(kind)) {
        /* Variation selector 16 and the skin tones ask for an emoji. */
        if ((code == 0xFE0F || code - 0x1F3FB < 5) && s->base_flags & WB_PICTOGRAPH)
            s->kind = WB_KIND_WORD;
        return;
    }
    s->before = kind;
    s->base_flags = flags;
    s->odd_flags = kind == WB_REGIONAL_INDICATOR && !s->odd_flags;
    if (flags & WB_WORD)
        s->kind = WB_KIND_WORD;
}

/* Begin a segment with the code point at p[i]; where the next one starts. */
static inline int64_t wb_begin(const uint8_t *p, int64_t i, const wb_rules *rules, wb_segment *s)
{
    int size;
    const uint32_t code = utf8_read(p + i, &size);
    const uint8_t flags = wb_flags_of(code, rules);
    memset(s, 0, sizeof *s);
    wb_add(s, code, flags, 0);
    s->before = flags & WB_CLASS; /* also of a mark that has nothing to be attached to */
    /* Marks on white space, or on nothing, are no punctuation either. */
    if (s->kind != WB_KIND_WORD)
        s->kind = flags & WB_SPACE || wb_attached(s->before) ? WB_KIND_SPACE : WB_KIND_PUNCTUATION;
    return i + size;
}

/* Let the segment grow from p[i] to its end, which is returned. */
static inline int64_t wb_end(const uint8_t *p, int64_t n, int64_t i, const wb_rules *rules, wb_segment *s)
{
    while (i < n) {
        int size, expected;
        const uint32_t code = utf8_read(p + i, &size);
        const uint8_t flags = wb_flags_of(code, rules);
        if (!wb_joins(s, flags, p, n, i + size, rules, &expected))
            break;
        wb_add(s, code, flags, expected);
        i += size;
    }
    return i;
}

static inline int wb_ascii_letter(uint8_t c)
{
    return (uint8_t)((c | 0x20) - 'a') < 26;
}

static inline int wb_ascii_digit(uint8_t c)
{
    return (uint8_t)(c - '0') < 10;
}

/* Whether the vectorised road may take p[i..i+15]: ASCII on both sides too, and nothing that needs more than one
 * neighbour. There are 17 bytes at p + i and one before. */
static inline int wb_plain(const uint8_t *p, int punctuation)
{
    uint8_t odd = (p[-1] | p[16]) & 0x80;
#pragma omp simd reduction(| : odd)
    for (int k = 0; k < 16; k++) {
        const uint8_t c = p[k];
        const int other = !(wb_ascii_letter(c) | wb_ascii_digit(c) | (c == ' ') | (c == '\n'));
        odd |= (c & 0x80) | (c == '_') | (uint8_t)(punctuation & other);
    }
    return !odd;
}

/* Blank what is no word in p[0..15]. OUT out[16]. */
static inline void wb_blank(const uint8_t *restrict p, uint8_t *restrict out)
{
#pragma omp simd
    for (int k = 0; k < 16; k++) {
        const uint8_t c = p[k], before = p[k - 1], after = p[k + 1];
        const int both = (c == '.') | (c == '\'');
        const int letters = (both | (c == ':')) & wb_ascii_letter(before) & wb_ascii_letter(after);
        const int digits = (both | (c == ',') | (c == ';')) & wb_ascii_digit(before) & wb_ascii_digit(after);
        out[k] = wb_ascii_letter(c) | wb_ascii_digit(c) | letters | digits | (c == '\n') ? c : ' ';
    }
}

/* Write the words of p[n] with white space between them; a line end stays a line end, in the place where it was.
 * OUT out, of room for 2 n + 1 bytes. The number of bytes written. */
static inline int64_t wb_separate(const uint8_t *restrict p, int64_t n, uint8_t *restrict out, const wb_rules *rules)
{
    const uint8_t *const start = out;
    const int keep = rules->punctuation ? WB_KIND_PUNCTUATION : WB_KIND_WORD;
    int64_t i = 0;
    while (i < n) {
        /* A boundary is at i, and at `begin` the one before the first 16 bytes. */
        const int64_t begin = i;
        wb_segment segment;
        if (!rules->characters && i && p[i - 1] < 0x80) {
            while (i + 17 <= n && wb_plain(p + i, rules->punctuation)) {
                wb_blank(p + i, out);
                i += 16;
                out += 16;
            }
        }
        uint8_t *segment_out = out;
        int64_t from = i;
        if (i > begin && out[-1] != ' ' && out[-1] != '\n') {
            /* The last word may go on. */
            const uint8_t flags = wb_flags(p[i - 1]);
            memset(&segment, 0, sizeof segment);
            segment.last = segment.before = flags & WB_CLASS;
            segment.base_flags = flags;
            segment.kind = WB_KIND_WORD;
            /* One of . ' : , ; was kept, since what follows is joined to it. */
            segment.expected = !(flags & WB_WORD);
        } else {
            /* The vectorised road leaves at least one byte. */
            i = wb_begin(p, i, rules, &segment);
        }
        i = wb_end(p, n, i, rules, &segment);
        if (segment.kind >= keep) {
            memcpy(segment_out, p + from, (size_t)(i - from));
            out += i - from;
            *out++ = ' ';
        } else {
            *out++ = memchr(p + from, '\n', (size_t)(i - from)) ? '\n' : ' ';
        }
    }
    return out - start;
}

#endif
