/* N-grams as lines of text, and back. */
#ifndef EMBEDKIT_ARPA_TEXT_H
#define EMBEDKIT_ARPA_TEXT_H

#include "ngram_query.h"

#include <math.h>
#include <stdlib.h>

/* Bytes that the numbers of a line take at most, with what separates them. */
enum { ARPA_NUMBERS = 96 };

NGRAM_INLINE char *arpa_put_whole(char *out, uint64_t number)
{
    char digits[20];
    int n = 0;
    do {
        digits[n++] = (char)('0' + number % 10);
        number /= 10;
    } while (number);
    while (n)
        *out++ = digits[--n];
    return out;
}

/* A number with 7 decimals, zeros at the end left out: as fine as float32 is for logarithms between 1 and 16. What is
 * not finite becomes -99, the field's logarithm of zero. */
NGRAM_INLINE char *arpa_put_number(char *out, double number)
{
    if (!(fabs(number) < 1e9))
        number = -99;
    const uint64_t scaled = (uint64_t)(fabs(number) * 1e7 + 0.5);
    uint64_t decimals = scaled % 10000000;
    if (number < 0 && scaled)
        *out++ = '-';
    out = arpa_put_whole(out, scaled / 10000000);
    if (!decimals)
        return out;
    *out++ = '.';
    char *end = out + 7;
    for (char *place = end; place > out; decimals /= 10)
        *--place = (char)('0' + decimals % 10);
    while (end[-1] == '0')
        end--;
    return end;
}

typedef struct {
    const uint32_t *first, *words;
    const int64_t *starts;
    const uint8_t *bytes;
    const int64_t *offsets;
    int order;
} arpa_trie;

/* The node above a node of a level. */
static uint32_t arpa_parent(const arpa_trie *trie, uint32_t node, int level)
{
    int64_t begin = trie->starts[level - 1], end = trie->starts[level];
    while (end - begin > 1) {
        const int64_t middle = begin + (end - begin) / 2;
        if (trie->first[middle] <= node)
            begin = middle;
        else
            end = middle;
    }
    return (uint32_t)begin;
}

/* Lines of the nodes begin .. end of a level: logarithm, n-gram and, below the highest level, back-off weight; or,
 * with totals, n-gram and count, where that is not 0. Stops when `out` is full. OUT n_bytes; returns the node behind
 * the last one written, or -1 for lack of memory. */
static int64_t arpa_format(const arpa_trie *trie, const ngram_numbers *prob, const ngram_numbers *backoff,
                           const uint64_t *totals, int level, int64_t begin, int64_t end, char *out, int64_t room,
                           int64_t *n_bytes)
{
    uint32_t path[NGRAM_MOST_ORDER + 1];
    int64_t prefix_length = 0, prefix_room = 256;
    char *prefix = malloc((size_t)prefix_room), *start = out;
    int changed = 1;
    if (!prefix)
        return -1;
    path[level] = (uint32_t)begin;
    for (int above = level; above > 1; above--)
        path[above - 1] = arpa_parent(trie, path[above], above);
    int64_t node = begin;
    for (; node < end; node++) {
        for (int above = level; above > 1; above--) {
            const uint32_t child = above == level ? (uint32_t)node : path[above];
            if (trie->first[path[above - 1] + 1] > child)
                break;
            while (trie->first[path[above - 1] + 1] <= child)
                path[above - 1]++;
            changed = 1;
        }
        if (changed) {
            int64_t needed = 0;
            for (int above = 1; above < level; above++) {
                const uint32_t word = trie->words[path[above]];
                needed += trie->offsets[word + 1] - trie->offsets[word] + 1;
            }
            if (needed > prefix_room) {
                char *larger = realloc(prefix, (size_t)needed * 2);
                if (!larger) {
                    free(prefix);
                    return -1;
                }
                prefix = larger;
                prefix_room = needed * 2;
            }
            prefix_length = 0;
            for (int above = 1; above < level; above++) {
                const uint32_t word = trie->words[path[above]];
                const int64_t length = trie->offsets[word + 1] - trie->offsets[word];
                memcpy(prefix + prefix_length, trie->bytes + trie->offsets[word], (size_t)length);
                prefix_length += length;
                prefix[prefix_length++] = ' ';
            }
            changed = 0;
        }
        const uint32_t word = trie->words[node];
        const int64_t length = trie->offsets[word + 1] - trie->offsets[word];
        if (prefix_length + length + ARPA_NUMBERS > room - (out - start))
            break;
        if (totals && !totals[node])
            continue;
        if (!totals) {
            out = arpa_put_number(out, ngram_number(prob, (uint32_t)node, level));
            *out++ = '\t';
        }
        memcpy(out, prefix, (size_t)prefix_length);
        out += prefix_length;
        memcpy(out, trie->bytes + trie->offsets[word], (size_t)length);
        out += length;
        if (totals || level < trie->order)
            *out++ = '\t';
        if (totals)
            out = arpa_put_whole(out, totals[node]);
        else if (level < trie->order)
            out = arpa_put_number(out, ngram_number(backoff, (uint32_t)node, level));
        *out++ = '\n';
    }
    free(prefix);
    *n_bytes = out - start;
    return node;
}

enum {
    ARPA_OK = 0,
    ARPA_FIELDS = 1,
    ARPA_NUMBER = 2,
    ARPA_POSITIVE = 3,
    ARPA_WORD = 4,
    ARPA_CONTEXT = 5
};

/* Reads a number from text[0 .. n), all of it; 0 if it is none, or not finite; minus infinity is -99. The digits that
 * a float64 holds exactly give the nearest number (Clinger 1990), more digits one within a few units in the last place.
 * strtod would obey the locale. */
static int arpa_read_number(const uint8_t *text, int64_t n, double *number)
{
    static const double POWERS[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
                                    1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    int64_t i = 0, digits = 0, exponent = 0;
    double value = 0.0;
    const int negative = n && text[0] == '-';
    i += negative || (n && text[0] == '+');
    if (negative && (n - i == 3 || n - i == 8)) {
        static const char NAME[] = "infinity";
        int64_t k = 0;
        while (i + k < n && (text[i + k] | 32) == NAME[k])
            k++;
        if (i + k == n) {
            *number = -99;
            return 1;
        }
    }
    for (; i < n && (uint8_t)(text[i] - '0') < 10; i++, digits++)
        value = value * 10 + (text[i] - '0');
    if (i < n && text[i] == '.')
        for (i++; i < n && (uint8_t)(text[i] - '0') < 10; i++, digits++, exponent--)
            value = value * 10 + (text[i] - '0');
    if (!digits)
        return 0;
    if (i < n && (text[i] | 32) == 'e') {
        int64_t power = 0, power_digits = 0;
        i++;
        const int below = i < n && text[i] == '-';
        i += below || (i < n && text[i] == '+');
        for (; i < n && (uint8_t)(text[i] - '0') < 10 && power_digits < 6; i++, power_digits++)
            power = power * 10 + (text[i] - '0');
        if (!power_digits)
            return 0;
        exponent += below ? -power : power;
    }
    if (i != n)
        return 0;
    if (exponent < 0)
        value = exponent >= -22 ? value / POWERS[-exponent] : value * pow(10.0, (double)exponent);
    else if (exponent > 0)
        value = exponent <= 22 ? value * POWERS[exponent] : value * pow(10.0, (double)exponent);
    *number = negative ? -value : value;
    if (isinf(*number) && negative)
        *number = -99;
    return isfinite(*number) != 0;
}

/* The next field of a line: its length, and *at where it begins. */
NGRAM_INLINE int64_t arpa_field(const uint8_t *line, int64_t n, int64_t *at)
{
    int64_t begin = *at, end;
    while (begin < n && (line[begin] == ' ' || line[begin] == '\t' || line[begin] == '\r'))
        begin++;
    end = begin;
    while (end < n && line[end] != ' ' && line[end] != '\t' && line[end] != '\r')
        end++;
    *at = begin;
    return end - begin;
}

/* Reads lines of n-grams of a level, whose contexts the trie has. IN starts_of[n_lines + 1]: where the lines begin,
 * the last one where they end. OUT parents, words, probs, backoffs. Returns the line that is wrong, or -1, and
 * OUT status what is wrong with it. */
static int64_t arpa_parse(const uint8_t *text, const int64_t *line_starts, int64_t begin, int64_t end, int level,
                          const uint32_t *first, const uint32_t *trie_words, const ngram_words *table,
                          uint32_t *parents, uint32_t *words, double *probs, double *backoffs, int *status)
{
    uint32_t before[NGRAM_MOST_ORDER] = {0}, ids[NGRAM_MOST_ORDER];
    uint32_t parent = 0;
    int known = 0;
    for (int64_t i = begin; i < end; i++) {
        const uint8_t *line = text + line_starts[i];
        const int64_t n = line_starts[i + 1] - line_starts[i] - 1; /* without the line end */
        int64_t at = 0, length = arpa_field(line, n, &at);
        *status = ARPA_NUMBER;
        if (!arpa_read_number(line + at, length, probs + i))
            return i;
        *status = ARPA_POSITIVE;
        if (probs[i] > 0)
            return i;
        at += length;
        for (int k = 0; k < level; k++) {
            length = arpa_field(line, n, &at);
            *status = ARPA_FIELDS;
            if (!length)
                return i;
            ids[k] = ngram_word_id(table, line + at, length);
            *status = ARPA_WORD;
            if (!ids[k] && !(length == table->offsets[1] && memcmp(line + at, table->bytes, (size_t)length) == 0))
                return i;
            at += length;
        }
        length = arpa_field(line, n, &at);
        backoffs[i] = 0.0;
        if (length) {
            *status = ARPA_NUMBER;
            if (!arpa_read_number(line + at, length, backoffs + i))
                return i;
            at += length;
            *status = ARPA_FIELDS;
            if (arpa_field(line, n, &at))
                return i;
        }
        int same = known;
        for (int k = 0; k + 1 < level; k++)
            same &= before[k] == ids[k];
        if (!same) {
            parent = 0;
            for (int k = 0; k + 1 < level; k++) {
                before[k] = ids[k];
                parent = ngram_child(first, trie_words, parent, ids[k]);
                *status = ARPA_CONTEXT;
                if (!parent)
                    return i;
            }
            known = 1;
        }
        parents[i] = parent;
        words[i] = ids[level - 1];
    }
    *status = ARPA_OK;
    return -1;
}

#endif
