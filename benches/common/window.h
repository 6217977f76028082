/* Back-pressure beside the sockets, for patterns that drop instead of blocking: receivers note their progress in
 * shared memory, and the sender stays no more than a window ahead of the slowest. The window is wide enough that a
 * sender waits only when it is really faster. */
#ifndef BENCH_WINDOW_H
#define BENCH_WINDOW_H

#include <stdint.h>

#include "sides.h"

enum { WINDOW_NOTE_EVERY = 64 };

struct window {
    int first, receivers; /* the sides that receive */
    uint64_t width;
    uint64_t limit; /* the number of the message before which the progress is to be looked at */
};

struct window window_open(int first, int receivers, uint64_t width);
void window_wait(struct window *window, uint64_t sent);

/* To be called by the sender before message number `sent`. */
static inline void window_send(struct window *window, uint64_t sent)
{
    if (sent >= window->limit)
        window_wait(window, sent);
}

/* To be called by a receiver that has `received` messages. */
static inline void window_note(const struct side *side, uint64_t received)
{
    if (received % WINDOW_NOTE_EVERY == 0)
        atomic_store_explicit(&shared->side[side->index].progress, received, memory_order_relaxed);
}

#endif
