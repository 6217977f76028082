/* The options that only some socket types have: taken there, refused by all others, and not readable. */
#include "test.h"

#include <limits.h>

enum { END = -1, TYPES = 11 }; /* types are numbered from ZMQ_PAIR, 0, to ZMQ_XSUB, 10 */

struct option {
    const char *name;
    int option;
    int takers[4]; /* socket types, ends with END */
};

/* REP is a ROUTER inside, REQ a DEALER, PUB an XPUB, and take their options. */
static const struct option flags[] = {
    {"ROUTER_MANDATORY", ZMQ_ROUTER_MANDATORY, {ZMQ_ROUTER, ZMQ_REP, END}},
    {"ROUTER_HANDOVER", ZMQ_ROUTER_HANDOVER, {ZMQ_ROUTER, ZMQ_REP, END}},
    {"REQ_CORRELATE", ZMQ_REQ_CORRELATE, {ZMQ_REQ, END}},
    {"REQ_RELAXED", ZMQ_REQ_RELAXED, {ZMQ_REQ, END}},
    {"XPUB_VERBOSE", ZMQ_XPUB_VERBOSE, {ZMQ_XPUB, ZMQ_PUB, END}},
    {"XPUB_VERBOSER", ZMQ_XPUB_VERBOSER, {ZMQ_XPUB, ZMQ_PUB, END}},
    {"XPUB_NODROP", ZMQ_XPUB_NODROP, {ZMQ_XPUB, ZMQ_PUB, END}},
    {"XPUB_MANUAL", ZMQ_XPUB_MANUAL, {ZMQ_XPUB, ZMQ_PUB, END}},
};

static const struct option *option (void)
{
    return test_row ();
}

static bool takes (int type)
{
    for (const int *taker = option ()->takers; *taker != END; taker++)
        if (*taker == type)
            return true;
    return false;
}

static void is_taken_by_its_types_alone (void)
{
    int one = 1;
    for (int type = 0; type < TYPES; type++) {
        void *socket = test_socket (type);
        if (takes (type))
            EXPECT_INT (zmq_setsockopt (socket, option ()->option, &one, sizeof one), 0);
        else
            EXPECT_ERRNO (zmq_setsockopt (socket, option ()->option, &one, sizeof one), EINVAL);
    }
}

static void any_value_but_a_negative_one_is_taken (void)
{
    void *socket = test_socket (option ()->takers[0]);
    int negative = -1;
    test_set_int (socket, option ()->option, 0);
    test_set_int (socket, option ()->option, 1);
    test_set_int (socket, option ()->option, 2);
    test_set_int (socket, option ()->option, INT_MAX);
    EXPECT_ERRNO (zmq_setsockopt (socket, option ()->option, &negative, sizeof negative), EINVAL);
}

static void bad_sizes_are_refused (void)
{
    static const size_t sizes[] = {0, 1, 3, 5, 8};
    void *socket = test_socket (option ()->takers[0]);
    char bytes[8] = {0};
    for (int i = 0; i < 5; i++)
        EXPECT_ERRNO (zmq_setsockopt (socket, option ()->option, bytes, sizes[i]), EINVAL);
}

static void cannot_be_read (void)
{
    for (int type = 0; type < TYPES; type++) {
        int value;
        size_t size = sizeof value;
        EXPECT_ERRNO (zmq_getsockopt (test_socket (type), option ()->option, &value, &size), EINVAL);
    }
}

static void probe_router_is_for_those_who_talk_to_a_router (void)
{
    static const int takers[] = {ZMQ_REQ, ZMQ_REP, ZMQ_DEALER, ZMQ_ROUTER};
    static const int others[] = {ZMQ_PAIR, ZMQ_PUB, ZMQ_SUB, ZMQ_PULL, ZMQ_PUSH, ZMQ_XPUB, ZMQ_XSUB};
    int one = 1;
    size_t size = sizeof one;
    for (int i = 0; i < 4; i++) {
        void *socket = test_socket (takers[i]);
        EXPECT_INT (zmq_setsockopt (socket, ZMQ_PROBE_ROUTER, &one, sizeof one), 0);
        EXPECT_ERRNO (zmq_getsockopt (socket, ZMQ_PROBE_ROUTER, &one, &size), EINVAL);
    }
    for (int i = 0; i < 7; i++)
        EXPECT_ERRNO (zmq_setsockopt (test_socket (others[i]), ZMQ_PROBE_ROUTER, &one, sizeof one), EINVAL);
}

static void subscribing_is_for_sub (void)
{
    for (int type = 0; type < TYPES; type++) {
        void *socket = test_socket (type);
        if (type == ZMQ_SUB) {
            EXPECT_INT (zmq_setsockopt (socket, ZMQ_SUBSCRIBE, "a", 1), 0);
            EXPECT_INT (zmq_setsockopt (socket, ZMQ_SUBSCRIBE, "", 0), 0);
            EXPECT_INT (zmq_setsockopt (socket, ZMQ_UNSUBSCRIBE, "a", 1), 0);
        } else {
            EXPECT_ERRNO (zmq_setsockopt (socket, ZMQ_SUBSCRIBE, "a", 1), EINVAL);
            EXPECT_ERRNO (zmq_setsockopt (socket, ZMQ_UNSUBSCRIBE, "a", 1), EINVAL);
        }
    }
}

static void subscriptions_cannot_be_read (void)
{
    char bytes[16];
    size_t size = sizeof bytes;
    void *socket = test_socket (ZMQ_SUB);
    EXPECT_ERRNO (zmq_getsockopt (socket, ZMQ_SUBSCRIBE, bytes, &size), EINVAL);
    EXPECT_ERRNO (zmq_getsockopt (socket, ZMQ_UNSUBSCRIBE, bytes, &size), EINVAL);
}

static void connect_routing_id_is_for_routers (void)
{
    char name[16] = "name";
    size_t size = sizeof name;
    for (int type = 0; type < TYPES; type++) {
        void *socket = test_socket (type);
        if (type == ZMQ_ROUTER || type == ZMQ_REP) {
            EXPECT_INT (zmq_setsockopt (socket, ZMQ_CONNECT_ROUTING_ID, name, 4), 0);
            EXPECT_ERRNO (zmq_getsockopt (socket, ZMQ_CONNECT_ROUTING_ID, name, &size), EINVAL);
        } else
            EXPECT_ERRNO (zmq_setsockopt (socket, ZMQ_CONNECT_ROUTING_ID, name, 4), EINVAL);
    }
}

static void a_welcome_message_is_for_publishers (void)
{
    for (int type = 0; type < TYPES; type++) {
        void *socket = test_socket (type);
        if (type == ZMQ_PUB || type == ZMQ_XPUB) {
            EXPECT_INT (zmq_setsockopt (socket, ZMQ_XPUB_WELCOME_MSG, "hi", 2), 0);
            EXPECT_INT (zmq_setsockopt (socket, ZMQ_XPUB_WELCOME_MSG, NULL, 0), 0);
        } else
            EXPECT_ERRNO (zmq_setsockopt (socket, ZMQ_XPUB_WELCOME_MSG, "hi", 2), EINVAL);
    }
}

static void invert_matching_is_a_flag_that_can_be_read (void)
{
    static const int takers[] = {ZMQ_PUB, ZMQ_XPUB, ZMQ_SUB};
    for (int i = 0; i < 3; i++) {
        void *socket = test_socket (takers[i]);
        EXPECT_INT (test_get_int (socket, ZMQ_INVERT_MATCHING), 0);
        test_set_int (socket, ZMQ_INVERT_MATCHING, 1);
        EXPECT_INT (test_get_int (socket, ZMQ_INVERT_MATCHING), 1);
        test_set_int (socket, ZMQ_INVERT_MATCHING, 7);
        EXPECT_INT (test_get_int (socket, ZMQ_INVERT_MATCHING), 1);
        test_set_int (socket, ZMQ_INVERT_MATCHING, 0);
        EXPECT_INT (test_get_int (socket, ZMQ_INVERT_MATCHING), 0);
    }
}

TESTS ({RUN (is_taken_by_its_types_alone), ROWS (flags)}, {RUN (any_value_but_a_negative_one_is_taken), ROWS (flags)},
       {RUN (bad_sizes_are_refused), ROWS (flags)}, {RUN (cannot_be_read), ROWS (flags)},
       {RUN (probe_router_is_for_those_who_talk_to_a_router)}, {RUN (subscribing_is_for_sub)},
       {RUN (subscriptions_cannot_be_read)}, {RUN (connect_routing_id_is_for_routers)},
       {RUN (a_welcome_message_is_for_publishers)}, {RUN (invert_matching_is_a_flag_that_can_be_read)});
