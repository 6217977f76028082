/* The sides of a case: each in a process of its own, or all as threads of one process, with a page of memory that
 * they share for endpoints, rendezvous, progress and results.
 *
 * The parent forks before anything of the library runs, waits with a deadline, and prints the result. A side that
 * fails ends the whole run with a message; so does a run in which a message got lost and a side waits for ever.
 */
#ifndef BENCH_SIDES_H
#define BENCH_SIDES_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "usage.h"

enum { MAX_SIDES = 256, MAX_VALUES = 24, ENDPOINT_SIZE = 256 };

/* A number that grows, and that other processes can wait for. */
struct counter {
    _Atomic uint32_t value;
};

/* What one side tells the others and the parent. A side's progress changes while others look at it, so that it has
 * a cache line to itself. */
struct side_page {
    _Alignas(64) _Atomic uint64_t progress;
    _Alignas(64) char endpoint[ENDPOINT_SIZE];
    struct counter endpoint_posted;
    struct usage usage;
    double values[MAX_VALUES];
};

struct shared {
    struct counter ready; /* sides that can take messages */
    struct counter go;    /* the start of the measured work, where a case has one for all sides */
    struct counter done;  /* sides that have what they were to get; the others may close then */
    _Atomic uint32_t failed;
    char failure[512];
    struct side_page side[MAX_SIDES];
};

extern struct shared *shared;

struct side {
    int index;
    void *context; /* what plan.open returned: one a process */
};

struct plan {
    int sides;
    bool threads;   /* one process with a thread a side, instead of a process a side */
    int timeout_s;  /* the run is given up after this */
    bool (*pinned)(int side, int *cpu); /* the CPU a side (and its context) is to stay on; NULL: none */
    void *(*open)(void);
    void (*close)(void *context);
    void (*body)(struct side *side);
};

/* Runs all sides to their end. On a failure prints {"error": ...} and ends the program with status 1. */
void sides_run(const struct plan *plan);

void counter_add(struct counter *counter, uint32_t amount);
void counter_wait(struct counter *counter, uint32_t at_least);
uint32_t counter_read(struct counter *counter);

/* The endpoint that a side has bound; awaiting it waits until it is posted. */
void endpoint_post(int side, const char *endpoint);
const char *endpoint_await(int side);

/* A side's use of the processor between the two calls goes into its page. Of threads only side 0 counts, and its
 * figure is that of the whole process. */
void usage_start(const struct side *side);
void usage_stop(const struct side *side);
/* Notes the peak memory of the side's process. */
void usage_peak(const struct side *side);

/* Ends the run with a message. */
_Noreturn void fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
