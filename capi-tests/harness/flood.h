/* Floods of messages that are known by their number: how many frames, how long each, every byte, and the call that
 * sends it. Sizes go from 0 to 100 KiB, in runs of tiny ones and mixed, and at the limits between the ways in which a
 * library treats them.
 *
 * Who receives the messages knows which comes next, and finds out whether one was lost, cut, doubled, mixed with
 * another or put before its turn. All of this can be called in any thread, as long as a socket is used by one.
 */
#ifndef CAPI_TESTS_FLOOD_H
#define CAPI_TESTS_FLOOD_H

#include <stdbool.h>

/* A sequence of messages. */
struct flood {
    unsigned seed; /* other seed, other messages */
    /* The first frame of each begins with flood_topic and the number, so that it is known although others are lost. */
    bool labelled;
};

/* Sends the message with this number; flags are those of its first frame, save ZMQ_SNDMORE. Returns 0 or the errno of
 * the first frame: the others must not fail. */
int flood_send (void *socket, const struct flood *flood, long number, int flags);

/* Receives a message, and expects it to be just this one. */
void flood_expect (void *socket, const struct flood *flood, long number);

/* Receives a message of a labelled flood, and expects all of it to be as its label says. Returns its number, or -1 and
 * errno when none came. */
long flood_recv (void *socket, const struct flood *flood, int flags);

/* The first byte of a labelled message: 'A', 'B' or 'C'. */
char flood_topic (const struct flood *flood, long number);

/* As many messages as can be handled in reasonable time: fewer under valgrind and the like (ZMQ_TEST_PATIENCE). */
long flood_count (long usual);

/* A time within which something must have happened, in any unit: much more under valgrind and the like. */
long long flood_limit (long long usual);

/* The time in microseconds, from any fixed moment. */
long long flood_clock (void);

#endif
