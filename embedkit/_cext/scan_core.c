/* Counting and encoding in one pass.
 *
 * A worker owns a hash table and walks ranges that never cut a word. White space is found 64 bytes at
 * a time, as one bit a byte; the bits are the ends of the words. Words go through a short queue: their
 * slot is prefetched when they are hashed, their record when the slot is read, and both have arrived
 * when the word is compared and counted. A record holds words of up to 16 bytes itself, so that most
 * comparisons are two of 8 bytes. Hashes and bytes are read as the machine orders them: ids do not
 * depend on the hash, since the final order is by count and word.
 */
#include "scan_core.h"
#include "scan_text.h"
#include "utf8.h"
#include "word_break.h"

#include <stdlib.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#ifdef __GNUC__
#define PREFETCH(address) __builtin_prefetch(address)
#else
#define PREFETCH(address) ((void)0)
#endif

#define ARENA_BYTES (1 << 16)
#define FIRST_SLOTS (1 << 12)
#define MOST_WORDS (INT32_MAX - 1)

struct scan_arena {
    scan_arena *next;
    size_t used, size;
    uint8_t bytes[];
};

typedef struct {
    uint64_t head, tail;
    const uint8_t *bytes;
    int32_t *out;
    uint32_t length, hash;
} pending;

enum { QUEUE = 32 };

static inline uint64_t load8(const uint8_t *p)
{
    uint64_t value;
    memcpy(&value, p, 8);
    return value;
}

/* Multiply and fold: odd constants, from the fractional parts of the golden ratio and of the square root of 3. */
static inline uint64_t mix(uint64_t state, uint64_t value)
{
    state = (state ^ value) * 0x9E3779B97F4A7C15u;
    return state ^ state >> 29;
}

static inline uint32_t finish(uint64_t state, uint32_t length)
{
    return (uint32_t)((state + length) * 0xBB67AE8584CAA73Bu >> 32);
}

/* Head, tail and hash of a word, the bytes behind its end masked off. */
static inline void make_key(pending *key, const uint8_t *bytes, int64_t length, const uint8_t *limit)
{
    static const uint8_t MASK[2 * SCAN_INLINE] = {255, 255, 255, 255, 255, 255, 255, 255,
                                                  255, 255, 255, 255, 255, 255, 255, 255};
    key->bytes = bytes;
    key->length = (uint32_t)length;
    if (length <= SCAN_INLINE) {
        const uint8_t *mask = MASK + SCAN_INLINE - length;
        if (limit - bytes >= SCAN_INLINE) {
            key->head = load8(bytes) & load8(mask);
            key->tail = load8(bytes + 8) & load8(mask + 8);
        } else {
            uint8_t copy[SCAN_INLINE] = {0};
            memcpy(copy, bytes, (size_t)length);
            key->head = load8(copy);
            key->tail = load8(copy + 8);
        }
        key->hash = finish(mix(mix(0, key->head), key->tail), key->length);
        return;
    }
    uint64_t state = 0;
    int64_t i = 0;
    for (; i + 8 <= length; i += 8)
        state = mix(state, load8(bytes + i));
    /* The last 8 bytes, some of them a second time. */
    state = mix(state, load8(bytes + length - 8));
    key->head = load8(bytes);
    key->tail = 0;
    key->hash = finish(state, key->length);
}

const uint8_t *scan_bytes(const scan_word *word)
{
    return word->length <= SCAN_INLINE ? (const uint8_t *)&word->head : (const uint8_t *)(uintptr_t)word->tail;
}

static inline int same_word(const scan_word *word, const pending *key)
{
    if (word->length != key->length || word->head != key->head)
        return 0;
    if (key->length <= SCAN_INLINE)
        return word->tail == key->tail;
    return memcmp(scan_bytes(word), key->bytes, key->length) == 0;
}

/* Room for `more` words: slots stay at most half full. */
static int reserve(scan_table *table, int64_t more)
{
    const int64_t needed = table->n_words + more;
    if (needed > table->words_capacity) {
        int64_t capacity = table->words_capacity + table->words_capacity / 2;
        capacity = capacity < needed ? needed + FIRST_SLOTS / 2 : capacity;
        scan_word *words = realloc(table->words, (size_t)capacity * sizeof *words);
        if (!words)
            return SCAN_NO_MEMORY;
        table->words = words;
        table->words_capacity = capacity;
    }
    int64_t n_slots = table->n_slots ? table->n_slots : FIRST_SLOTS;
    while (n_slots < 2 * needed && n_slots < (int64_t)1 << 32)
        n_slots *= 2;
    if (n_slots == table->n_slots)
        return SCAN_OK;
    uint64_t *slots = calloc((size_t)n_slots, sizeof *slots);
    if (!slots)
        return SCAN_NO_MEMORY;
    /* A page that is read before it is written to faults twice, and the second fault interrupts all threads. */
    for (int64_t i = 0; i < n_slots; i += 4096 / (int64_t)sizeof *slots)
        ((volatile uint64_t *)slots)[i] = 0;
    const uint64_t mask = (uint64_t)n_slots - 1;
    for (int64_t old = 0; old < table->n_slots; old++) {
        const uint64_t slot = table->slots[old];
        if (!slot)
            continue;
        uint64_t i = slot >> 32 & mask;
        while (slots[i])
            i = (i + 1) & mask;
        slots[i] = slot;
    }
    free(table->slots);
    table->slots = slots;
    table->n_slots = n_slots;
    return SCAN_OK;
}

/* A copy of the bytes that lasts as long as the table, or NULL. */
static const uint8_t *keep_bytes(scan_table *table, const uint8_t *bytes, size_t length)
{
    scan_arena *arena = table->arena;
    if (!arena || arena->size - arena->used < length) {
        const size_t size = length > ARENA_BYTES ? length : ARENA_BYTES;
        arena = malloc(sizeof *arena + size);
        if (!arena)
            return NULL;
        arena->next = table->arena;
        arena->used = 0;
        arena->size = size;
        table->arena = arena;
    }
    uint8_t *copy = arena->bytes + arena->used;
    memcpy(copy, bytes, length);
    arena->used += length;
    return copy;
}

/* The record of a word, made with count 0 if it is new; NULL, with *status set, if that failed. reserve() came
 * before. */
static inline scan_word *intern(scan_table *table, const pending *key, int *status)
{
    const uint64_t mask = (uint64_t)table->n_slots - 1;
    uint64_t i = key->hash & mask;
    for (; table->slots[i]; i = (i + 1) & mask) {
        scan_word *word = table->words + (uint32_t)table->slots[i] - 1;
        if (table->slots[i] >> 32 == key->hash && same_word(word, key))
            return word;
    }
    if (table->n_words >= MOST_WORDS) {
        *status = SCAN_TOO_MANY_WORDS;
        return NULL;
    }
    scan_word *word = table->words + table->n_words;
    *word = (scan_word){key->head, key->tail, 0, key->length, key->hash};
    if (key->length > SCAN_INLINE) {
        const uint8_t *copy = keep_bytes(table, key->bytes, key->length);
        if (!copy) {
            *status = SCAN_NO_MEMORY;
            return NULL;
        }
        word->tail = (uint64_t)(uintptr_t)copy;
    }
    table->slots[i] = (uint64_t)key->hash << 32 | (uint64_t)++table->n_words;
    return word;
}

static int drain(scan_table *table, const pending *queue, int n)
{
    int status = reserve(table, n);
    if (status)
        return status;
    const uint64_t mask = (uint64_t)table->n_slots - 1;
    for (int k = 0; k < n; k++) {
        const uint64_t slot = table->slots[queue[k].hash & mask];
        if (slot)
            PREFETCH(table->words + (uint32_t)slot - 1);
    }
    for (int k = 0; k < n; k++) {
        scan_word *word = intern(table, queue + k, &status);
        if (!word)
            return status;
        word->count++;
        *queue[k].out = (int32_t)(word - table->words);
    }
    return SCAN_OK;
}

/* Words between the separators of data[n] to ids, appended to worker->ids. */
static int encode_range(scan_worker *worker, const uint8_t *data, int64_t n, const uint8_t *limit, int mode)
{
    scan_table *table = &worker->table;
    pending queue[QUEUE];
    int queued = 0, status = reserve(table, QUEUE);
    int32_t *out = worker->ids + worker->n_ids;
    int64_t start = 0, n_words = 0;
    uint64_t spilled = 0; /* bits of a separator that reaches into the next 64 bytes */

    for (int64_t base = 0; base < n && !status; base += 64) {
        uint8_t padded[64];
        const uint8_t *chunk = data + base;
        if (n - base < 64) {
            memset(padded, 'x', sizeof padded);
            memcpy(padded, chunk, (size_t)(n - base));
            chunk = padded;
        }
        const byte_marks marks = mark_bytes(chunk);
        uint64_t ends = mode == SCAN_TOKENS ? marks.zero : marks.space | spilled;
        spilled = 0;
        for (uint64_t leads = mode == SCAN_WHITESPACE ? marks.lead : 0; leads; leads &= leads - 1) {
            const int at = lowest_bit(leads), size = wide_space(data + base + at);
            const uint64_t bits = ((uint64_t)1 << size) - 1;
            ends |= bits << at;
            spilled |= at + size > 64 ? bits >> (64 - at) : 0;
        }
        for (; ends; ends &= ends - 1) {
            const int64_t end = base + lowest_bit(ends), length = end - start;
            if (length > 0) {
                if (length > UINT32_MAX)
                    return SCAN_WORD_TOO_LONG;
                make_key(queue + queued, data + start, length, limit);
                PREFETCH(table->slots + (queue[queued].hash & (uint64_t)(table->n_slots - 1)));
                queue[queued++].out = out++;
                n_words++;
                if (queued == QUEUE) {
                    status = drain(table, queue, QUEUE);
                    queued = 0;
                    if (status)
                        return status;
                }
            }
            if (mode == SCAN_TOKENS ? length == 0 : data[end] == '\n')
                *out++ = SCAN_DOCUMENT_END;
            start = end + 1;
        }
    }
    if (!status)
        status = drain(table, queue, queued);
    worker->n_ids = out - worker->ids;
    worker->n_words += n_words;
    return status;
}

/* Make *buffer hold `size` bytes; what it held is lost. */
static int make_room(void *buffer, int64_t *capacity, int64_t size)
{
    void *old;
    memcpy(&old, buffer, sizeof old);
    if (size <= *capacity)
        return SCAN_OK;
    free(old);
    old = malloc((size_t)size);
    memcpy(buffer, &old, sizeof old);
    *capacity = old ? size : 0;
    return old ? SCAN_OK : SCAN_NO_MEMORY;
}

void scan_begin(scan_worker *worker, int64_t n)
{
    worker->n_ids = 0;
    /* Each id takes at least one byte of text; what is not written to takes no memory. */
    worker->status = make_room(&worker->ids, &worker->ids_capacity, n * (int64_t)sizeof *worker->ids);
}

void scan_run(scan_worker *worker, scan_range *part, const uint8_t *limit, int mode, int lowercase,
              const scan_tables *tables)
{
    const uint8_t *data = part->data;
    int64_t n = part->n;
    part->first_id = worker->n_ids;
    part->n_ids = 0;
    if ((mode == SCAN_WORDS || mode == SCAN_CHARACTERS) && !worker->status) {
        const wb_rules rules = {mode == SCAN_CHARACTERS, 1, tables->punctuation};
        worker->status = make_room(&worker->separated, &worker->separated_capacity, 2 * n + 1);
        if (worker->status)
            return;
        n = wb_separate(data, n, worker->separated, &rules);
        data = worker->separated;
        limit = data + n;
    }
    if (lowercase && !worker->status) {
        worker->status = make_room(&worker->lowered, &worker->lowered_capacity, n + n / 2 + 4);
        if (worker->status)
            return;
        n = lower_text(data, n, worker->lowered, tables);
        data = worker->lowered;
        limit = data + n;
    }
    if (!worker->status)
        worker->status = encode_range(worker, data, n, limit, mode);
    part->n_ids = worker->n_ids - part->first_id;
}

int64_t scan_cut(const uint8_t *data, int64_t n, int64_t at, int mode)
{
    while (at < n && !(mode == SCAN_TOKENS ? data[at] == 0 : ascii_space(data[at])))
        at++;
    return at < n ? at + 1 : n;
}

int scan_merge(scan_table *into, const scan_table *from, int32_t *map)
{
    int status = reserve(into, from->n_words);
    if (status)
        return status;
    const uint64_t mask = (uint64_t)into->n_slots - 1;
    for (int64_t i = 0; i < from->n_words; i++) {
        const scan_word *word = from->words + i;
        if (i + 16 < from->n_words)
            PREFETCH(into->slots + (from->words[i + 16].hash & mask));
        pending key = {word->head, word->tail, scan_bytes(word), NULL, word->length, word->hash};
        scan_word *merged = intern(into, &key, &status);
        if (!merged)
            return status;
        merged->count += word->count;
        map[i] = (int32_t)(merged - into->words);
    }
    return SCAN_OK;
}

int32_t scan_find(const scan_table *table, const uint8_t *bytes, int64_t length)
{
    if (length > UINT32_MAX || !table->n_slots)
        return -1;
    pending key;
    make_key(&key, bytes, length, bytes + length);
    const uint64_t mask = (uint64_t)table->n_slots - 1;
    for (uint64_t i = key.hash & mask; table->slots[i]; i = (i + 1) & mask) {
        const scan_word *word = table->words + (uint32_t)table->slots[i] - 1;
        if (table->slots[i] >> 32 == key.hash && same_word(word, &key))
            return (int32_t)(word - table->words);
    }
    return -1;
}

typedef struct {
    int64_t count;
    uint64_t prefix; /* the first 8 bytes as a number that sorts as they do */
    const scan_word *word;
} ranked;

static int compare_ranked(const void *left, const void *right)
{
    const ranked *a = left, *b = right;
    if (a->count != b->count)
        return a->count > b->count ? -1 : 1;
    if (a->prefix != b->prefix)
        return a->prefix < b->prefix ? -1 : 1;
    const uint32_t shorter = a->word->length < b->word->length ? a->word->length : b->word->length;
    const int order = memcmp(scan_bytes(a->word), scan_bytes(b->word), shorter);
    if (order)
        return order;
    return (a->word->length > b->word->length) - (a->word->length < b->word->length);
}

int64_t scan_order(const scan_table *table, int64_t min_count, int32_t *order)
{
    int64_t kept = 0, k = 0;
    for (int64_t i = 0; i < table->n_words; i++)
        kept += table->words[i].count >= min_count;
    ranked *ranks = malloc((size_t)(kept ? kept : 1) * sizeof *ranks);
    if (!ranks)
        return -1;
    for (int64_t i = 0; i < table->n_words; i++) {
        const scan_word *word = table->words + i;
        if (word->count < min_count)
            continue;
        const uint8_t *bytes = (const uint8_t *)&word->head;
        uint64_t prefix = 0;
        for (int b = 0; b < 8; b++)
            prefix = prefix << 8 | bytes[b];
        ranks[k++] = (ranked){word->count, prefix, word};
    }
    qsort(ranks, (size_t)kept, sizeof *ranks, compare_ranked);
    for (k = 0; k < kept; k++)
        order[k] = (int32_t)(ranks[k].word - table->words);
    free(ranks);
    return kept;
}

int64_t scan_remap(int32_t *out, const int32_t *ids, int64_t n, const int32_t *map, int keep_empty, int32_t *last)
{
    int64_t written = 0;
    int32_t before = *last;
    for (int64_t i = 0; i < n; i++) {
        const int32_t id = ids[i] < 0 ? SCAN_DOCUMENT_END : map[ids[i]];
        const int keep = id >= 0 || (id == SCAN_DOCUMENT_END && (keep_empty | (before != SCAN_DOCUMENT_END)));
        out[written] = id;
        written += keep;
        before = keep ? id : before;
    }
    *last = before;
    return written;
}

void scan_free_table(scan_table *table)
{
    while (table->arena) {
        scan_arena *next = table->arena->next;
        free(table->arena);
        table->arena = next;
    }
    free(table->slots);
    free(table->words);
    memset(table, 0, sizeof *table);
}

void scan_free_worker(scan_worker *worker)
{
    scan_free_table(&worker->table);
    free(worker->ids);
    free(worker->separated);
    free(worker->lowered);
    memset(worker, 0, sizeof *worker);
}

void scan_trim(void)
{
#ifdef __GLIBC__
    malloc_trim(0);
#endif
}
