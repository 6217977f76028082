/* Durations, sorted into buckets less than half a percent wide: a run of any length takes the same small memory, and
 * noting a duration costs a few nanoseconds. */
#ifndef BENCH_HISTOGRAM_H
#define BENCH_HISTOGRAM_H

#include <stdint.h>

/* 256 buckets for each doubling, durations up to 2^40 ns. */
enum { HISTOGRAM_FINE = 8, HISTOGRAM_BUCKETS = (40 - HISTOGRAM_FINE + 1) << HISTOGRAM_FINE };

struct histogram {
    uint64_t count;
    uint32_t bucket[HISTOGRAM_BUCKETS];
};

static inline void histogram_add(struct histogram *h, uint64_t ns)
{
    uint64_t most = (1ull << 40) - 1;
    uint64_t value = ns < most ? ns : most;
    int shift = value >> HISTOGRAM_FINE ? 63 - HISTOGRAM_FINE - __builtin_clzll(value) : 0;
    /* below 2^8 the value itself; above, the doubling and then the 8 bits behind the leading one */
    uint64_t base = value >> HISTOGRAM_FINE ? (uint64_t)(shift + 1) << HISTOGRAM_FINE : 0;
    uint64_t fine = value >> shift & ((1u << HISTOGRAM_FINE) - 1);
    h->bucket[base + fine]++;
    h->count++;
}

/* The duration in nanoseconds below which the given part (0 to 1) of all durations lie. */
double histogram_part(const struct histogram *h, double part);

#endif
