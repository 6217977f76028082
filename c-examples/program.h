/* program.h - what every example needs around its ZeroMQ calls, in either generation of the API: arguments with
 * defaults, one way to fail, a clock, and telling which endpoint a socket got. Sending and receiving is not here: the
 * examples are there to show that. */
#ifndef EXAMPLE_PROGRAM_H
#define EXAMPLE_PROGRAM_H

#include <zmq.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ENDPOINT_SIZE 256

/* The argument at `index`, or `fallback` if the command line is shorter. */
static inline const char *text_argument(int argc, char **argv, int index, const char *fallback)
{
    return index < argc ? argv[index] : fallback;
}

/* The same for a count. What is not a whole number from 0 up ends the program: a typing error must not mean 0. */
static inline long count_argument(int argc, char **argv, int index, long fallback)
{
    char *end;
    long count;
    if (index >= argc)
        return fallback;
    count = strtol(argv[index], &end, 10);
    if (end == argv[index] || *end != '\0' || count < 0) {
        fprintf(stderr, "%s: '%s' is not a count\n", argv[0], argv[index]);
        exit(2);
    }
    return count;
}

/* Passes on what a call returned, and ends the program if that is -1. */
static inline int check(int result, const char *call)
{
    if (result == -1) {
        fprintf(stderr, "%s: %s\n", call, zmq_strerror(zmq_errno()));
        exit(1);
    }
    return result;
}

/* The same for calls that return a context, a socket or memory. */
static inline void *check_handle(void *handle, const char *call)
{
    if (handle == NULL) {
        fprintf(stderr, "%s: %s\n", call, zmq_strerror(zmq_errno()));
        exit(1);
    }
    return handle;
}

/* Tells on which endpoint a socket that was bound to `asked` listens. Since 3.0 the library knows what became of
 * "tcp://127.0.0.1:*"; before, one could only repeat what was asked for. */
static inline void announce(void *socket, const char *role, const char *asked)
{
#ifdef ZMQ_LAST_ENDPOINT
    char bound[ENDPOINT_SIZE];
    size_t size = sizeof bound;
    check(zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, bound, &size), "getsockopt LAST_ENDPOINT");
    asked = bound;
#else
    (void) socket;
#endif
    printf("%s on %s\n", role, asked);
    fflush(stdout);
}

/* Seconds on a clock that nobody sets. */
static inline double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double) now.tv_sec + (double) now.tv_nsec / 1e9;
}

#endif
