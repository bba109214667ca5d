/* Random numbers that belong to a position of the corpus, not to a thread.
 *
 * What is drawn for the token at position p of epoch e depends on (seed, e, p) alone: whether it
 * survives subsampling, how far its window reaches, and which negatives it meets. The training
 * examples are therefore the same whatever the number of threads and however the corpus is cut into
 * jobs, and a job can look beyond its own range to complete a window.
 *
 * The generator is SplitMix64 (Steele, Lea and Flood 2014), entered at a computed state.
 */
#ifndef EMBEDKIT_SAMPLING_H
#define EMBEDKIT_SAMPLING_H

#include <stdint.h>

#define GOLDEN_GAMMA UINT64_C(0x9E3779B97F4A7C15)

static inline uint64_t splitmix64(uint64_t *state)
{
    uint64_t z = (*state += GOLDEN_GAMMA);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

/* One draw that belongs to `position` in the stream numbered by `key`. */
static inline uint64_t draw_at(uint64_t key, uint64_t position)
{
    uint64_t state = key + position * GOLDEN_GAMMA;
    return splitmix64(&state);
}

/* One column of an alias table (Walker 1977): keep the column if a 32-bit draw is below `threshold`,
 * else take `alias`. Eight bytes a word, so that the table of a large vocabulary fits a cache. */
typedef struct {
    uint32_t threshold;
    int32_t alias;
} alias_column;

static inline int32_t alias_draw(const alias_column *table, int64_t n, uint64_t *state)
{
    uint64_t random = splitmix64(state);
    int64_t column = (int64_t)(((random >> 32) * (uint64_t)n) >> 32);
    /* Selected by a mask: the branch would be mispredicted at every third draw. */
    int32_t mask = -(int32_t)((uint32_t)random < table[column].threshold);
    return ((int32_t)column & mask) | (table[column].alias & ~mask);
}

#endif
