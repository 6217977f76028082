/* Option values as programs of 2.1 have them: 64-bit numbers where 4.x has an int, and options that 4.x gave up.
 * libzmq 4 answers EINVAL; zmqrs takes them. */
#include "test.h"

#include <stdint.h>
#include <stdlib.h>

/* The numbers of options that the headers of 4.x do not have any more. */
enum { OLD_HWM = 1, OLD_SWAP = 3, OLD_MCAST_LOOP = 10 };

static const char reason[] = "a value of 2.1, which libzmq 4 refuses";

static void set_wide (void *socket, int option, int64_t value)
{
    EXPECT_OK (zmq_setsockopt (socket, option, &value, sizeof value));
}

/* A read into an int64_t fills all of it, whatever was there before. */
static int64_t get_wide (void *socket, int option)
{
    int64_t value = -0x0123456789ABCDEF;
    size_t size = sizeof value;
    EXPECT_OK (zmq_getsockopt (socket, option, &value, &size));
    EXPECT_INT (size, sizeof value);
    return value;
}

static void hwm_sets_both_marks (void)
{
    void *socket = test_socket (ZMQ_DEALER);
    set_wide (socket, OLD_HWM, 7);
    EXPECT_INT (test_get_int (socket, ZMQ_SNDHWM), 7);
    EXPECT_INT (test_get_int (socket, ZMQ_RCVHWM), 7);
    test_set_int (socket, OLD_HWM, 9);
    EXPECT_INT (test_get_int (socket, ZMQ_SNDHWM), 9);
    EXPECT_INT (test_get_int (socket, ZMQ_RCVHWM), 9);
}

static void hwm_limits_what_is_queued (void)
{
    void *push = test_socket (ZMQ_PUSH);
    set_wide (push, OLD_HWM, 5);
    test_connect (push, test_endpoint ());
    EXPECT_INT (test_fill (push, "x", 100), 5);
}

static void numbers_of_64_bits_are_taken (void)
{
    static const int options[] = {ZMQ_RATE, ZMQ_SNDBUF, ZMQ_RCVBUF};
    void *socket = test_socket (ZMQ_SUB);
    for (int i = 0; i < 3; i++) {
        set_wide (socket, options[i], 12345);
        EXPECT_INT (test_get_int (socket, options[i]), 12345);
        EXPECT_INT (get_wide (socket, options[i]), 12345);
    }
}

static void a_recovery_interval_of_64_bits_is_in_seconds (void)
{
    void *socket = test_socket (ZMQ_SUB);
    set_wide (socket, ZMQ_RECOVERY_IVL, 3);
    EXPECT_INT (test_get_int (socket, ZMQ_RECOVERY_IVL), 3000);
}

static void what_has_no_meaning_any_more_is_taken (void)
{
    void *socket = test_socket (ZMQ_PUB);
    set_wide (socket, OLD_SWAP, 1000000);
    set_wide (socket, OLD_MCAST_LOOP, 0);
}

static void rcvmore_fills_64_bits (void)
{
    void *push = test_socket (ZMQ_PUSH), *pull = test_socket (ZMQ_PULL);
    test_join (push, pull);
    SEND (push, "a|b");
    EXPECT_OK (zmq_recv (pull, NULL, 0, 0));
    EXPECT_INT (get_wide (pull, ZMQ_RCVMORE), 1);
    EXPECT_OK (zmq_recv (pull, NULL, 0, 0));
    EXPECT_INT (get_wide (pull, ZMQ_RCVMORE), 0);
}

TESTS ({RUN (hwm_sets_both_marks), BETTER (reason)}, {RUN (hwm_limits_what_is_queued), EACH_TRANSPORT, BETTER (reason)},
       {RUN (numbers_of_64_bits_are_taken), BETTER (reason)},
       {RUN (a_recovery_interval_of_64_bits_is_in_seconds), BETTER (reason)},
       {RUN (what_has_no_meaning_any_more_is_taken), BETTER (reason)},
       {RUN (rcvmore_fills_64_bits), EACH_TRANSPORT, BETTER (reason)});
