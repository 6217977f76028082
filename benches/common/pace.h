/* How long a case runs, and what it measures: the sender numbers its messages and marks the one that opens the
 * measured stretch and the last one; the receiver counts between them by its own clock.
 *
 * Arguments: warm and seconds (the unmeasured and the measured time), or count (that many messages, all measured, for
 * counting system calls or instructions). fault=lose|double|cut spoils one message, to show that the check notices.
 */
#ifndef BENCH_PACE_H
#define BENCH_PACE_H

#include <stdbool.h>
#include <stdint.h>

#include "sides.h"
#include "stamp.h"

/* To be read once in main, before the sides start. */
void pace_args(void);

struct pace {
    uint64_t sent;      /* messages numbered so far */
    uint64_t next_look; /* the message before which the clock is read again */
    uint64_t last_look;
    uint64_t looked_at;
    uint64_t begun;
    bool started;
};

struct pace pace_begin(void);
uint64_t pace_look(struct pace *pace);

/* A cut message is to be sent one byte short; never on the wire as a mark. */
#define MARK_CUT (1ull << 60)

/* The stamp of the next message. The clock is read only now and then, so that it costs nothing a message. */
static inline uint64_t pace_next(struct pace *pace)
{
    if (pace->sent < pace->next_look)
        return pace->sent++;
    return pace_look(pace);
}

/* The receiver's count. */
struct meter {
    uint64_t next; /* the sequence number that must come */
    uint64_t start_sequence, start_ns, end_ns;
};

/* A mark came: starts or stops clock and usage. True after the last message. */
bool meter_mark(struct meter *meter, const struct side *side, uint64_t marks);

/* Checks a message of the stream. True after the last one. */
static inline bool meter_take(struct meter *meter, const struct side *side, const void *message, size_t size,
                              size_t expected)
{
    uint64_t marks = stamp_follow(message, size, expected, &meter->next);
    return marks != 0 && meter_mark(meter, side, marks);
}

/* Where meter_store leaves a receiver's figures among its side's values: messages behind the opening one, and when the
 * first and the last came, in seconds. */
enum { METER_MESSAGES, METER_START, METER_END, METER_VALUES };
void meter_store(const struct meter *meter, const struct side *side);

struct total {
    double messages;
    double per_s; /* between the first start and the last end of all: sides that take turns are not counted as if they
                   * had run together */
};
/* The sum over the receivers first, first + step, ... below `sides`. */
struct total meters_total(int first, int step, int sides);

#endif
