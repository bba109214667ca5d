/* The terms that were met: brought together from several threads, put in order, and told. */
#include "terms_nodes.h"

/* Rows of which lengths are sorted by insertion, and with wide digits. */
enum { SMALL_ROW = 24, LONG_ROW = 512 };

uint32_t terms_intern(term_nodes *nodes, int analyzer, const uint32_t *units, int n)
{
    if (reserve_nodes(nodes, n))
        return TERMS_NONE;
    if (analyzer == TERMS_WORD) {
        uint32_t ref = units[0];
        for (int k = 1; k < n; k++)
            ref = intern(nodes, word_key(ref, units[k]));
        return ref;
    }
    uint32_t ref = intern(nodes, direct_key(units, n < DIRECT ? n : DIRECT));
    for (int k = DIRECT; k < n; k++)
        ref = intern(nodes, chained_key(ref, units[k]));
    return ref;
}

void terms_unfold(const term_nodes *nodes, int analyzer, uint32_t ref, int most, int32_t *units)
{
    int n = 0;
    int32_t reversed[64];
    while (n < 64 && ref & TERMS_NODE) {
        const uint64_t key = nodes->keys[ref & ~TERMS_NODE];
        if (analyzer == TERMS_WORD) {
            reversed[n++] = (int32_t)(uint32_t)key;
            ref = (uint32_t)(key >> 32);
        } else if (key & CHAINED) {
            reversed[n++] = (int32_t)(key & UNIT_MASK) - 1;
            ref = (uint32_t)(key >> UNIT_BITS) | TERMS_NODE;
        } else {
            for (uint64_t rest = key; rest; rest >>= UNIT_BITS)
                reversed[n++] = (int32_t)(rest & UNIT_MASK) - 1;
            break;
        }
    }
    if (analyzer == TERMS_WORD)
        reversed[n++] = (int32_t)ref;
    for (int k = 0; k < most; k++)
        units[k] = k < n ? reversed[n - 1 - k] : -1;
}

/* The key in another table of the node with this key; of n-grams that the maps do not know yet, any key. */
static inline uint64_t mapped_key(uint64_t key, int analyzer, const uint32_t *words, const uint32_t *nodes)
{
    if (analyzer == TERMS_WORD) {
        const uint32_t ref = (uint32_t)(key >> 32);
        return word_key(ref & TERMS_NODE ? nodes[ref & ~TERMS_NODE] : words[ref], words[(uint32_t)key]);
    }
    if (key & CHAINED)
        return chained_key(nodes[(key & ~CHAINED) >> UNIT_BITS], (uint32_t)(key & UNIT_MASK) - 1);
    return key;
}

int terms_merge(term_worker *into, const term_worker *from, int analyzer, uint32_t *map)
{
    const int64_t n_words = from->words.table.n_words;
    int status = scan_merge(&into->words.table, &from->words.table, (int32_t *)map);
    if (!status)
        status = reserve_nodes(&into->nodes, from->nodes.n_nodes);
    if (status)
        return status;
    const term_nodes *nodes = &from->nodes;
    const uint64_t mask = (uint64_t)into->nodes.n_slots - 1;
    uint32_t *node_map = map + n_words;
    memset(node_map, 0, (size_t)nodes->n_nodes * sizeof *node_map);
    for (int64_t i = 0; i < nodes->n_nodes; i++) {
        if (i + AHEAD < nodes->n_nodes) {
            const uint64_t ahead = mapped_key(nodes->keys[i + AHEAD], analyzer, map, node_map);
            PREFETCH(into->nodes.slots + (place_of(ahead) & mask));
        }
        node_map[i] = intern(&into->nodes, mapped_key(nodes->keys[i], analyzer, map, node_map));
    }
    return TERMS_OK;
}

typedef struct {
    uint64_t prefix; /* the first 8 bytes as a number that sorts as they do */
    const scan_word *word;
} ranked_word;

static int compare_words(const void *left, const void *right)
{
    const ranked_word *a = left, *b = right;
    if (a->prefix != b->prefix)
        return a->prefix < b->prefix ? -1 : 1;
    const uint32_t shorter = a->word->length < b->word->length ? a->word->length : b->word->length;
    const int order = memcmp(scan_bytes(a->word), scan_bytes(b->word), shorter);
    return order ? order : (a->word->length > b->word->length) - (a->word->length < b->word->length);
}

int terms_order_words(const scan_table *words, int64_t *order)
{
    ranked_word *ranks = malloc((size_t)(words->n_words + 1) * sizeof *ranks);
    if (!ranks)
        return TERMS_NO_MEMORY;
    for (int64_t i = 0; i < words->n_words; i++) {
        const scan_word *word = words->words + i;
        const uint8_t *bytes = (const uint8_t *)&word->head;
        uint64_t prefix = 0;
        for (int k = 0; k < 8; k++)
            prefix = prefix << 8 | bytes[k];
        ranks[i] = (ranked_word){prefix, word};
    }
    qsort(ranks, (size_t)words->n_words, sizeof *ranks, compare_words);
    for (int64_t i = 0; i < words->n_words; i++)
        order[i] = ranks[i].word - words->words;
    free(ranks);
    return TERMS_OK;
}

void terms_sort_pairs(uint64_t *pairs, uint64_t *scratch, int64_t n, int bits)
{
    if (n <= SMALL_ROW) {
        for (int64_t i = 1; i < n; i++) {
            const uint64_t pair = pairs[i];
            int64_t k = i;
            for (; k > 0 && pairs[k - 1] >> 32 > pair >> 32; k--)
                pairs[k] = pairs[k - 1];
            pairs[k] = pair;
        }
        return;
    }
    /* Wide digits need fewer passes, but counts of them that a short row does not pay for. */
    uint64_t *from = pairs, *to = scratch;
    const int passes = (bits + (n < LONG_ROW ? 7 : 10)) / (n < LONG_ROW ? 8 : 11);
    const int width = passes ? (bits + passes - 1) / passes : 0;
    const uint64_t digits = (uint64_t)1 << width;
    for (int pass = 0; pass < passes; pass++) {
        const int shift = 32 + width * pass;
        uint32_t starts[1 << 11];
        memset(starts, 0, (size_t)digits * sizeof *starts);
        for (int64_t i = 0; i < n; i++)
            starts[from[i] >> shift & (digits - 1)]++;
        uint32_t sum = 0;
        for (uint64_t digit = 0; digit < digits; digit++) {
            const uint32_t count = starts[digit];
            starts[digit] = sum;
            sum += count;
        }
        for (int64_t i = 0; i < n; i++)
            to[starts[from[i] >> shift & (digits - 1)]++] = from[i];
        uint64_t *other = from;
        from = to;
        to = other;
    }
    if (from != pairs)
        memcpy(pairs, from, (size_t)n * sizeof *pairs);
}
