/* Counting the terms of texts.
 *
 * Words get ids from the scanner (scan_core.c). An n-gram is a node: its key is the node of its first n - 1 words and
 * the id of its last, so that no string is built and no comparison is of more than 8 bytes. N-grams of one to three
 * characters are keys themselves, 21 bits a character; longer ones chain as those of words do. A text is worked
 * through one n after the other: the keys of all places first, then the look-ups, whose slots have been prefetched
 * by then.
 *
 * Counts of the text at hand are kept by term; the terms it touched become its row. Numbers of terms depend on who
 * took which text, so rows are put in the order of columns only when the columns are known.
 */
#include "terms_nodes.h"
#include "terms_text.h"

/* In place of the id of a word: what scan_find() says of one that the vocabulary does not have, and a stop word. */
#define LOOKUP_UNKNOWN (-1)
#define LOOKUP_STOP (-2)

/* ---- memory ---- */

#define GROW(worker, name, needed) grow(&(worker)->name, &(worker)->name##_room, needed, sizeof *(worker)->name)

/* Counts are zero between two texts, so new room is zeroed. */
static int grow_counts(term_worker *worker, int which, int64_t needed)
{
    const int64_t before = worker->counts_room[which];
    if (needed <= before)
        return TERMS_OK;
    if (grow(&worker->counts[which], &worker->counts_room[which], needed, sizeof **worker->counts))
        return TERMS_NO_MEMORY;
    memset(worker->counts[which] + before, 0, (size_t)(worker->counts_room[which] - before) * sizeof **worker->counts);
    return TERMS_OK;
}

/* ---- counting ---- */

static inline void emit(term_worker *worker, const term_vocabulary *vocabulary, uint32_t ref)
{
    uint32_t index = ref & ~TERMS_NODE;
    int which = ref >> 31;
    if (vocabulary) {
        const int32_t column = which ? vocabulary->node_column[index] : vocabulary->word_column[index];
        if (column < 0)
            return;
        ref = index = (uint32_t)column;
        which = 0;
    }
    if (worker->counts[which][index]++ == 0)
        worker->touched[worker->n_touched++] = ref;
}

/* Make the terms that the text touched a row; its length. */
static int64_t end_row(term_worker *worker)
{
    const int64_t n = worker->n_touched, needed = worker->n_entries + n;
    if (grow(&worker->row_terms, &worker->rows_room, needed, sizeof *worker->row_terms) ||
        grow(&worker->row_counts, &worker->row_counts_room, needed, sizeof *worker->row_counts)) {
        worker->status = TERMS_NO_MEMORY;
        return 0;
    }
    for (int64_t i = 0; i < n; i++) {
        const uint32_t ref = worker->touched[i];
        uint32_t *count = worker->counts[ref >> 31] + (ref & ~TERMS_NODE);
        worker->row_terms[worker->n_entries] = ref;
        worker->row_counts[worker->n_entries++] = (int32_t)*count;
        *count = 0;
    }
    worker->n_touched = 0;
    return n;
}

/* Turn keys into nodes. IN grams[n]; OUT refs[n], TERMS_NONE for what the vocabulary does not have. */
static int look_up(term_worker *worker, const term_vocabulary *vocabulary, int64_t n)
{
    const uint64_t *grams = worker->grams;
    if (vocabulary) {
        const term_nodes *nodes = &vocabulary->nodes;
        const uint64_t mask = (uint64_t)(nodes->n_slots ? nodes->n_slots - 1 : 0);
        for (int64_t i = 0; i < n; i++) {
            if (i + AHEAD < n)
                PREFETCH(nodes->slots + (place_of(grams[i + AHEAD]) & mask));
            worker->refs[i] = find(nodes, grams[i]);
        }
        return TERMS_OK;
    }
    term_nodes *nodes = &worker->nodes;
    const int status = reserve_nodes(nodes, n);
    if (status)
        return status;
    const uint64_t mask = (uint64_t)nodes->n_slots - 1;
    for (int64_t i = 0; i < n; i++) {
        if (i + AHEAD < n)
            PREFETCH(nodes->slots + (place_of(grams[i + AHEAD]) & mask));
        worker->refs[i] = intern(nodes, grams[i]);
    }
    return grow_counts(worker, 1, nodes->n_nodes);
}

/* Count what stands in refs[n], but for what is not known. */
static int emit_all(term_worker *worker, const term_vocabulary *vocabulary, int64_t n)
{
    if (GROW(worker, touched, worker->n_touched + n))
        return TERMS_NO_MEMORY;
    for (int64_t i = 0; i < n; i++)
        if (worker->refs[i] != TERMS_NONE)
            emit(worker, vocabulary, worker->refs[i]);
    return TERMS_OK;
}

/* Keep the places whose term is known and that have another unit behind it; how many there are. */
static int64_t keep_known(term_worker *worker, int64_t n)
{
    int64_t kept = 0;
    for (int64_t i = 0; i < n; i++) {
        worker->places[kept] = worker->places[i];
        worker->refs[kept] = worker->refs[i];
        kept += worker->refs[i] != TERMS_NONE;
    }
    return kept;
}

/* Count the n-grams of the words codes[n]; UINT32_MAX is a word that no term has. */
static int count_words(term_worker *worker, const term_analysis *analysis, const term_vocabulary *vocabulary, int64_t n)
{
    const uint32_t *words = worker->codes;
    if (GROW(worker, places, n) || GROW(worker, refs, n) || GROW(worker, grams, n))
        return TERMS_NO_MEMORY;
    for (int64_t i = 0; i < n; i++) {
        worker->places[i] = (uint32_t)i;
        worker->refs[i] = words[i];
    }
    int64_t active = keep_known(worker, n);
    if (analysis->min_n == 1 && emit_all(worker, vocabulary, active))
        return TERMS_NO_MEMORY;
    for (int size = 2; size <= analysis->max_n && active; size++) {
        int64_t kept = 0;
        for (int64_t i = 0; i < active; i++) {
            const int64_t last = (int64_t)worker->places[i] + size - 1;
            if (last < n && words[last] != TERMS_NONE) {
                worker->places[kept] = worker->places[i];
                worker->grams[kept++] = word_key(worker->refs[i], words[last]);
            }
        }
        const int status = look_up(worker, vocabulary, kept);
        if (status)
            return status;
        active = vocabulary ? keep_known(worker, kept) : kept;
        if (size >= analysis->min_n && emit_all(worker, vocabulary, active))
            return TERMS_NO_MEMORY;
    }
    return TERMS_OK;
}

/* Count the n-grams of the characters codes[n]. With TERMS_CHAR_WB, room[n] says how far each word goes on, and a word
 * that is shorter than the shortest n-gram counts as a whole. */
static int count_characters(term_worker *worker, const term_analysis *analysis, const term_vocabulary *vocabulary,
                            int64_t n)
{
    const uint32_t *codes = worker->codes;
    const int words = analysis->analyzer == TERMS_CHAR_WB, min_n = analysis->min_n;
    if (GROW(worker, places, n) || GROW(worker, refs, n) || GROW(worker, grams, n) ||
        GROW(worker, touched, worker->n_touched + n))
        return TERMS_NO_MEMORY;
    for (int64_t i = 0; i < n; i++)
        worker->places[i] = (uint32_t)i;
    int64_t active = n;
    for (int size = min_n < DIRECT ? min_n : DIRECT; size <= analysis->max_n && active; size++) {
        int64_t kept = 0;
        for (int64_t i = 0; i < active; i++) {
            const uint32_t place = worker->places[i];
            const int64_t room = words ? worker->room[place] : n - place;
            worker->places[kept] = place;
            worker->grams[kept] = room < size ? 0
                                  : size <= DIRECT ? direct_key(codes + place, size)
                                                   : chained_key(worker->refs[i], codes[place + size - 1]);
            kept += room >= size;
        }
        const int status = look_up(worker, vocabulary, kept);
        if (status)
            return status;
        if (size >= min_n) {
            if (emit_all(worker, vocabulary, kept))
                return TERMS_NO_MEMORY;
        } else if (words) {
            for (int64_t i = 0; i < kept; i++) {
                const uint32_t place = worker->places[i];
                const int first = place == 0 || worker->room[place - 1] == 1;
                if (first && worker->room[place] == (uint32_t)size && worker->refs[i] != TERMS_NONE)
                    emit(worker, vocabulary, worker->refs[i]);
            }
        }
        /* Short n-grams that the vocabulary does not have may still begin longer ones that it has. */
        active = vocabulary && size >= DIRECT ? keep_known(worker, kept) : kept;
    }
    return TERMS_OK;
}

/* ---- hashing ---- */

static inline uint32_t rotate(uint32_t x, int by)
{
    return x << by | x >> (32 - by);
}

/* MurmurHash3, x86, 32 bits, seed 0 (Appleby 2011), as scikit-learn hashes features. */
static uint32_t murmur3(const uint8_t *p, int64_t n)
{
    uint32_t h = 0, k;
    int64_t i = 0;
    for (; i + 4 <= n; i += 4) {
        k = p[i] | (uint32_t)p[i + 1] << 8 | (uint32_t)p[i + 2] << 16 | (uint32_t)p[i + 3] << 24;
        h = rotate(h ^ rotate(k * 0xCC9E2D51u, 15) * 0x1B873593u, 13) * 5 + 0xE6546B64u;
    }
    k = 0;
    for (int64_t j = n - 1; j >= i; j--)
        k = k << 8 | p[j];
    h ^= rotate(k * 0xCC9E2D51u, 15) * 0x1B873593u;
    h ^= (uint32_t)n;
    h = (h ^ h >> 16) * 0x85EBCA6Bu;
    h = (h ^ h >> 13) * 0xC2B2AE35u;
    return h ^ h >> 16;
}

/* Column and sign of a term, as a pair that terms_sort_pairs() orders. */
static inline uint64_t hashed(const term_analysis *analysis, const uint8_t *p, int64_t n)
{
    const uint32_t hash = murmur3(p, n);
    const int negative = hash >> 31;
    /* The remainder of the absolute value; that of -2^31, which int32 does not have, is taken in two steps. */
    const uint64_t size = (uint64_t)analysis->n_features;
    const uint64_t column =
        hash == 0x80000000u ? (0x7FFFFFFFu - (size - 1)) % size : (negative ? 0u - hash : hash) % size;
    return column << 32 | (uint32_t)(negative && analysis->alternate_sign ? -1 : 1);
}

static inline int bits_of(uint64_t value)
{
    int bits = 0;
    while (value >> bits)
        bits++;
    return bits;
}

/* Make hashed terms grams[n] a row: sorted, those of one column summed. */
static int64_t end_hashed_row(term_worker *worker, const term_analysis *analysis, int64_t n)
{
    if (grow(&worker->row_terms, &worker->rows_room, worker->n_entries + n, sizeof *worker->row_terms) ||
        grow(&worker->row_counts, &worker->row_counts_room, worker->n_entries + n, sizeof *worker->row_counts)) {
        worker->status = TERMS_NO_MEMORY;
        return 0;
    }
    terms_sort_pairs(worker->grams, worker->grams + n, n, bits_of((uint64_t)analysis->n_features - 1));
    const int64_t first = worker->n_entries;
    int64_t at = first - 1;
    for (int64_t i = 0; i < n; i++) {
        const uint32_t column = (uint32_t)(worker->grams[i] >> 32);
        const int32_t sign = (int32_t)(uint32_t)worker->grams[i];
        if (at >= first && worker->row_terms[at] == column) {
            worker->row_counts[at] += sign;
        } else {
            worker->row_terms[++at] = column;
            worker->row_counts[at] = sign;
        }
    }
    worker->n_entries = at + 1;
    return at + 1 - first;
}

/* Hash the n-grams of units whose first bytes are at starts[n]; starts[n] is one behind the last byte, and `gap` bytes
 * lie between two units. Adds to grams[*n_grams]. */
static int hash_grams(term_worker *worker, const term_analysis *analysis, const uint8_t *text, const uint32_t *starts,
                      int64_t n, int gap, int min_n, int max_n, int64_t *n_grams)
{
    const int64_t sizes = max_n - min_n + 1;
    /* Sorting needs as much room again. */
    if (sizes > 0 && GROW(worker, grams, 2 * (*n_grams + n * sizes)))
        return TERMS_NO_MEMORY;
    for (int size = min_n; size <= max_n && size <= n; size++)
        for (int64_t i = 0; i + size <= n; i++)
            worker->grams[(*n_grams)++] =
                hashed(analysis, text + starts[i], (int64_t)starts[i + size] - starts[i] - gap);
    return TERMS_OK;
}

/* ---- texts ---- */

/* A text as lower-cased UTF-8 (or as it is), NUL for 64 bytes behind it. The bytes; NULL if memory ran out. */
static const uint8_t *prepare(term_worker *worker, const term_analysis *analysis, const term_text *text, int64_t *n)
{
    uint8_t *bytes;
    if (text->ascii) {
        if (GROW(worker, lowered, text->n + 64))
            return NULL;
        bytes = worker->lowered;
        *n = text->n;
        if (analysis->lowercase)
            lower_ascii(text->data, text->n, bytes);
        else
            memcpy(bytes, text->data, (size_t)text->n);
    } else {
        if (GROW(worker, encoded, (text->kind == 1 ? 2 : text->kind == 2 ? 3 : 4) * text->n + 64))
            return NULL;
        bytes = worker->encoded;
        *n = encode_utf8(text, bytes);
        if (analysis->lowercase) {
            if (GROW(worker, lowered, *n + *n / 2 + 68))
                return NULL;
            *n = lower_text(bytes, *n, worker->lowered, &analysis->tables);
            bytes = worker->lowered;
        }
    }
    memset(bytes + *n, 0, 64);
    return bytes;
}

/* Cut a text into words behind what worker->text holds. IN/OUT used: bytes there. */
static int append_words(term_worker *worker, const term_analysis *analysis, const term_text *text, uint8_t end,
                        int64_t *used)
{
    int64_t n;
    const uint8_t *bytes = prepare(worker, analysis, text, &n);
    if (!bytes || GROW(worker, text, *used + 2 * n + 128))
        return TERMS_NO_MEMORY;
    *used += text->ascii ? split_ascii(bytes, n, analysis->shortest, end, worker->text + *used)
                         : split_utf8(bytes, n, analysis, end, worker->text + *used);
    return TERMS_OK;
}

/* Put the characters of a text into codes, white space made one and words padded as the analyzer says; their number,
 * or -1 if memory ran out. */
static int64_t read_characters(term_worker *worker, const term_analysis *analysis, const term_text *text)
{
    int64_t n_bytes, n = 0;
    const int words = analysis->analyzer == TERMS_CHAR_WB;
    const uint8_t *bytes = prepare(worker, analysis, text, &n_bytes);
    if (!bytes || GROW(worker, codes, 2 * n_bytes + 8) || (words && GROW(worker, room, 2 * n_bytes + 8)))
        return -1;
    uint32_t *codes = worker->codes;
    int64_t start = -1, spaces = 0;
    for (int64_t i = 0; i <= n_bytes;) {
        int size = 1;
        const uint32_t code = i < n_bytes ? utf8_read(bytes + i, &size) : ' ';
        const int space = is_space(code);
        if (!words) {
            if (i == n_bytes)
                break;
            /* One character of white space stays what it is; more of them become one space. */
            spaces = space ? spaces + 1 : 0;
            if (spaces > 1)
                codes[n - 1] = ' ';
            else
                codes[n++] = code;
        } else if (!space) {
            if (start < 0) {
                start = n;
                codes[n++] = ' ';
            }
            codes[n++] = code;
        } else if (start >= 0) {
            codes[n++] = ' ';
            for (int64_t k = start; k < n; k++)
                worker->room[k] = (uint32_t)(n - k);
            start = -1;
        }
        i += size;
    }
    return n;
}

static int is_stop_word(const term_analysis *analysis, const uint8_t *bytes, int64_t length)
{
    return analysis->stop_words && scan_find(analysis->stop_words, bytes, length) >= 0;
}

/* What the ids of words that are new to this thread stand for. */
static int update_lookup(term_worker *worker, const term_analysis *analysis, const term_vocabulary *vocabulary)
{
    const scan_table *table = &worker->words.table;
    if (GROW(worker, lookup, table->n_words))
        return TERMS_NO_MEMORY;
    for (; worker->n_lookup < table->n_words; worker->n_lookup++) {
        const scan_word *word = table->words + worker->n_lookup;
        const uint8_t *bytes = scan_bytes(word);
        worker->lookup[worker->n_lookup] =
            is_stop_word(analysis, bytes, word->length) ? LOOKUP_STOP
            : vocabulary ? scan_find(&vocabulary->words.table, bytes, word->length)
                         : (int32_t)worker->n_lookup;
    }
    return vocabulary ? TERMS_OK : grow_counts(worker, 0, table->n_words);
}

static int add_words(term_worker *worker, const term_analysis *analysis, const term_vocabulary *vocabulary,
                     const term_text *texts, int64_t n, int64_t *lengths)
{
    int64_t used = 0;
    int status = TERMS_OK;
    for (int64_t i = 0; i < n && !status; i++) {
        status = append_words(worker, analysis, texts + i, 0, &used);
        if (!status)
            worker->text[used++] = 0;
    }
    if (status)
        return status;
    scan_begin(&worker->words, used);
    scan_range part = {worker->text, used, 0, 0, 0};
    scan_run(&worker->words, &part, worker->text + used, SCAN_TOKENS, 0, &analysis->tables);
    if (worker->words.status)
        return worker->words.status;
    status = update_lookup(worker, analysis, vocabulary);
    const int32_t *ids = worker->words.ids;
    for (int64_t i = 0; i < n && !status; i++) {
        int64_t n_words = 0, length = 0;
        while (ids[length] != SCAN_DOCUMENT_END)
            length++;
        if (GROW(worker, codes, length))
            return TERMS_NO_MEMORY;
        for (int64_t k = 0; k < length; k++) {
            const int32_t id = worker->lookup[ids[k]];
            worker->codes[n_words] = (uint32_t)id; /* LOOKUP_UNKNOWN becomes TERMS_NONE */
            n_words += id != LOOKUP_STOP;
        }
        ids += length + 1;
        status = count_words(worker, analysis, vocabulary, n_words);
        if (!status)
            lengths[i] = end_row(worker);
    }
    return status;
}

static int add_hashed_words(term_worker *worker, const term_analysis *analysis, const term_text *text, int64_t *length)
{
    int64_t used = 0, n_words = 0, n_grams = 0, at = 0;
    if (append_words(worker, analysis, text, ' ', &used))
        return TERMS_NO_MEMORY;
    if (used > UINT32_MAX)
        return TERMS_TOO_LONG;
    if (GROW(worker, places, used / 2 + 2))
        return TERMS_NO_MEMORY;
    for (int64_t i = 0; i < used;) {
        const uint8_t *end = memchr(worker->text + i, ' ', (size_t)(used - i));
        const int64_t size = end - (worker->text + i);
        if (!is_stop_word(analysis, worker->text + i, size)) {
            memmove(worker->text + at, worker->text + i, (size_t)size + 1);
            worker->places[n_words++] = (uint32_t)at;
            at += size + 1;
        }
        i += size + 1;
    }
    worker->places[n_words] = (uint32_t)at;
    const int status = hash_grams(worker, analysis, worker->text, worker->places, n_words, 1, analysis->min_n,
                                  analysis->max_n, &n_grams);
    if (!status)
        *length = end_hashed_row(worker, analysis, n_grams);
    return status;
}

static int add_hashed_characters(term_worker *worker, const term_analysis *analysis, const term_text *text,
                                 int64_t *length)
{
    const int64_t n = read_characters(worker, analysis, text);
    int64_t used = 0, n_grams = 0;
    int status = TERMS_OK;
    if (n < 0 || GROW(worker, text, 4 * n + 8) || GROW(worker, places, n + 1))
        return TERMS_NO_MEMORY;
    if (4 * n > UINT32_MAX)
        return TERMS_TOO_LONG;
    for (int64_t i = 0; i < n; i++) {
        worker->places[i] = (uint32_t)used;
        used += utf8_write(worker->text + used, worker->codes[i]);
    }
    worker->places[n] = (uint32_t)used;
    if (analysis->analyzer == TERMS_CHAR)
        status = hash_grams(worker, analysis, worker->text, worker->places, n, 0, analysis->min_n, analysis->max_n,
                            &n_grams);
    for (int64_t i = 0; analysis->analyzer == TERMS_CHAR_WB && i < n && !status; i += worker->room[i]) {
        const int64_t room = worker->room[i];
        const int whole = room < analysis->min_n;
        status = hash_grams(worker, analysis, worker->text, worker->places + i, room, 0,
                            whole ? (int)room : analysis->min_n, whole ? (int)room : analysis->max_n, &n_grams);
    }
    if (!status)
        *length = end_hashed_row(worker, analysis, n_grams);
    return status;
}

void terms_add(term_worker *worker, const term_analysis *analysis, const term_vocabulary *vocabulary,
               const term_text *texts, int64_t n, int64_t *lengths)
{
    const int words = analysis->analyzer == TERMS_WORD;
    int status = vocabulary ? grow_counts(worker, 0, vocabulary->n_columns) : TERMS_OK;
    if (words && !analysis->n_features && !status)
        status = add_words(worker, analysis, vocabulary, texts, n, lengths);
    for (int64_t i = 0; i < n && !status && !(words && !analysis->n_features); i++) {
        if (analysis->n_features) {
            status = words ? add_hashed_words(worker, analysis, texts + i, lengths + i)
                           : add_hashed_characters(worker, analysis, texts + i, lengths + i);
        } else {
            const int64_t characters = read_characters(worker, analysis, texts + i);
            status = characters < 0           ? TERMS_NO_MEMORY
                     : characters > UINT32_MAX ? TERMS_TOO_LONG
                                               : count_characters(worker, analysis, vocabulary, characters);
            if (!status)
                lengths[i] = end_row(worker);
        }
    }
    if (!worker->status)
        worker->status = status;
}

/* ---- the end ---- */

void terms_free_nodes(term_nodes *nodes)
{
    free(nodes->slots);
    free(nodes->keys);
    memset(nodes, 0, sizeof *nodes);
}

void terms_free_rows(term_worker *worker)
{
    free(worker->row_terms);
    free(worker->row_counts);
    worker->row_terms = NULL;
    worker->row_counts = NULL;
    worker->n_entries = worker->rows_room = worker->row_counts_room = 0;
}

void terms_free_lookup(term_worker *worker)
{
    void *scratch[] = {worker->nodes.slots, worker->text,   worker->encoded, worker->lowered,   worker->codes,
                       worker->places,      worker->refs,   worker->room,    worker->grams,     worker->lookup,
                       worker->counts[0],   worker->counts[1], worker->touched};
    for (size_t i = 0; i < sizeof scratch / sizeof *scratch; i++)
        free(scratch[i]);
    term_worker left = {.words = worker->words,
                        .nodes = {NULL, worker->nodes.keys, worker->nodes.n_nodes, worker->nodes.capacity, 0},
                        .row_terms = worker->row_terms,
                        .row_counts = worker->row_counts,
                        .n_entries = worker->n_entries,
                        .rows_room = worker->rows_room,
                        .row_counts_room = worker->row_counts_room,
                        .status = worker->status};
    *worker = left;
}

void terms_free_worker(term_worker *worker)
{
    terms_free_lookup(worker);
    scan_free_worker(&worker->words);
    terms_free_nodes(&worker->nodes);
    terms_free_rows(worker);
}

void terms_free_vocabulary(term_vocabulary *vocabulary)
{
    scan_free_worker(&vocabulary->words);
    terms_free_nodes(&vocabulary->nodes);
    free(vocabulary->word_column);
    free(vocabulary->node_column);
    memset(vocabulary, 0, sizeof *vocabulary);
}
