/* Floods of messages of all sizes, single and of several frames: every one arrives once, whole, with its content and
 * in its turn, whatever the sizes of the queues and whoever is the slower one. */
#define _GNU_SOURCE /* pthread_tryjoin_np */
#include "../harness/flood.h"
#include "../harness/test.h"

#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>

enum { SUBSCRIBERS = 3 };

static const struct flood flood = {.seed = 1}, labelled = {.seed = 2, .labelled = true};

/* One who sends a flood and one who receives it. */
struct couple {
    const char *name;
    int from, to;
    int mark;  /* of both queues; -1: the usual one */
    bool slow; /* the receiver takes pauses */
    bool thin; /* the sender takes a short one before each message, and the system holds little */
};

static const struct couple couples[] = {
    {"push", ZMQ_PUSH, ZMQ_PULL, -1, false, false},
    {"pair", ZMQ_PAIR, ZMQ_PAIR, -1, false, false},
    {"dealer", ZMQ_DEALER, ZMQ_ROUTER, -1, false, false},
    {"router", ZMQ_ROUTER, ZMQ_DEALER, -1, false, false},
};

static const struct couple narrow[] = {
    {"push-1", ZMQ_PUSH, ZMQ_PULL, 1, false, false},       {"push-2", ZMQ_PUSH, ZMQ_PULL, 2, true, false},
    {"push-10", ZMQ_PUSH, ZMQ_PULL, 10, true, false},      {"dealer-1", ZMQ_DEALER, ZMQ_ROUTER, 1, true, false},
    {"dealer-2", ZMQ_DEALER, ZMQ_ROUTER, 2, false, false}, {"dealer-10", ZMQ_DEALER, ZMQ_ROUTER, 10, true, false},
    {"router-1", ZMQ_ROUTER, ZMQ_DEALER, 1, false, false}, {"router-10", ZMQ_ROUTER, ZMQ_DEALER, 10, true, false},
};

static const struct couple slow[] = {
    {"push", ZMQ_PUSH, ZMQ_PULL, -1, true, false},
    {"unlimited", ZMQ_PUSH, ZMQ_PULL, 0, true, false},
    {"router", ZMQ_ROUTER, ZMQ_DEALER, -1, true, false},
};

static const struct couple thin[] = {
    {"push", ZMQ_PUSH, ZMQ_PULL, -1, true, true},
    {"push-1", ZMQ_PUSH, ZMQ_PULL, 1, true, true},
    {"dealer", ZMQ_DEALER, ZMQ_ROUTER, -1, false, true},
    {"router-10", ZMQ_ROUTER, ZMQ_DEALER, 10, true, true},
};

static void *from, *to;
static long messages;

static void set_marks (void *socket, int mark)
{
    if (mark < 0)
        return;
    test_set_int (socket, ZMQ_SNDHWM, mark);
    test_set_int (socket, ZMQ_RCVHWM, mark);
}

static void set_buffers (void *socket, int size)
{
    test_set_int (socket, ZMQ_SNDBUF, size);
    test_set_int (socket, ZMQ_RCVBUF, size);
}

static void join (const struct couple *couple)
{
    from = test_socket (couple->from);
    to = test_socket (couple->to);
    if (couple->from == ZMQ_ROUTER)
        test_set_int (from, ZMQ_ROUTER_MANDATORY, 1); /* it waits for room in place of dropping */
    if (couple->to == ZMQ_DEALER)
        test_set_text (to, ZMQ_ROUTING_ID, "peer");
    set_marks (from, couple->mark);
    set_marks (to, couple->mark);
    if (couple->thin) {
        set_buffers (from, 8192);
        set_buffers (to, 8192);
    }
    test_join (to, from);
    if (couple->from == ZMQ_ROUTER) { /* so that it knows its peer */
        SEND (to, "hello");
        EXPECT_MSG (from, "peer|hello");
    }
}

/* So long that what follows is no flood. */
static void pause_briefly (void)
{
    for (long long end = flood_clock () + 10; flood_clock () < end;)
        ;
}

static void *send_flood (void *row)
{
    const struct couple *couple = row;
    for (long number = 0; number < messages; number++) {
        if (couple->thin)
            pause_briefly ();
        if (couple->from == ZMQ_ROUTER)
            EXPECT_INT (zmq_send (from, "peer", 4, ZMQ_SNDMORE), 4);
        EXPECT_INT (flood_send (from, &flood, number, 0), 0);
    }
    return NULL;
}

static void receive_flood (const struct couple *couple)
{
    char id[8];
    for (long number = 0; number < messages; number++) {
        if (couple->to == ZMQ_ROUTER) {
            EXPECT_INT (zmq_recv (to, id, sizeof id, 0), 5);
            EXPECT_INT (test_get_int (to, ZMQ_RCVMORE), 1);
        }
        flood_expect (to, &flood, number);
        if (couple->slow && number % 100 == 99)
            zmq_poll (NULL, 0, 2);
    }
    EXPECT_ERRNO (zmq_recv (to, id, sizeof id, ZMQ_DONTWAIT), EAGAIN);
}

static void pass_flood (long usual_count)
{
    const struct couple *couple = test_row ();
    pthread_t sender;
    messages = flood_count (usual_count);
    join (couple);
    EXPECT_INT (pthread_create (&sender, NULL, send_flood, (void *) couple), 0);
    receive_flood (couple);
    EXPECT_INT (pthread_join (sender, NULL), 0);
}

static void a_flood_arrives_whole_and_in_order (void)
{
    pass_flood (25000);
}

static void a_flood_through_narrow_queues_arrives_whole_and_in_order (void)
{
    pass_flood (3000);
}

static void a_flood_arrives_whole_and_in_order_at_a_slow_receiver (void)
{
    pass_flood (8000);
}

/* Messages that go out one by one, also while the system takes no more. */
static void messages_with_pauses_arrive_whole_and_in_order (void)
{
    pass_flood (4000);
}

/* ---- both directions at once ---- */

static void *echo (void *nothing)
{
    zmq_msg_t frame;
    int more = 0;
    for (long number = 0; number < messages; number += !more) {
        EXPECT_OK (zmq_msg_init (&frame));
        EXPECT_OK (zmq_msg_recv (&frame, to, 0));
        more = zmq_msg_more (&frame);
        EXPECT_OK (zmq_msg_send (&frame, to, more ? ZMQ_SNDMORE : 0));
    }
    return nothing;
}

/* A ROUTER sends all back as it came, while the DEALER has many under way. */
static void a_flood_of_requests_is_answered_in_order (void)
{
    enum { UNDER_WAY = 400 };
    pthread_t server;
    messages = flood_count (15000);
    from = test_socket (ZMQ_DEALER);
    to = test_socket (ZMQ_ROUTER);
    test_join (to, from);
    EXPECT_INT (pthread_create (&server, NULL, echo, NULL), 0);
    for (long sent = 0, answered = 0; answered < messages;) {
        if (sent < messages && sent - answered < UNDER_WAY && flood_send (from, &flood, sent, ZMQ_DONTWAIT) == 0)
            sent++;
        else
            flood_expect (from, &flood, answered++);
    }
    EXPECT_INT (pthread_join (server, NULL), 0);
}

/* ---- copies for several ---- */

struct subscriber {
    void *socket;
    const char *topics; /* one letter each; all messages if empty */
    bool slow;
    long last; /* the number of the message before */
    int seen;  /* bits: topics of which a message came */
};

static const struct audience {
    const char *name;
    const char *topics[SUBSCRIBERS];
    int mark;
} audiences[] = {
    {"equal", {"", "", ""}, 0},
    {"different", {"A", "B", "C"}, 0},
    {"overlapping", {"", "AB", "B"}, 0},
    {"lossy", {"", "A", "BC"}, 10},
};

static struct subscriber subscribers[SUBSCRIBERS];
static atomic_int started; /* subscribers whose subscriptions are all in force */
static atomic_long end;    /* the number after the flood's last message, once that is known */

static bool is_for (const struct subscriber *subscriber, long number)
{
    return !*subscriber->topics || strchr (subscriber->topics, flood_topic (&labelled, number));
}

/* Nothing may be missing before the next message once there was one of each topic. */
static bool knows_all_topics (const struct subscriber *subscriber)
{
    size_t count = strlen (subscriber->topics);
    return __builtin_popcount ((unsigned) subscriber->seen) >= (int) (count ? count : 1);
}

static void note (struct subscriber *subscriber, long number)
{
    bool knew = knows_all_topics (subscriber);
    if (number <= subscriber->last || !is_for (subscriber, number))
        test_fail (__FILE__, __LINE__, "message %ld came after %ld", number, subscriber->last);
    while (knew && ((const struct audience *) test_row ())->mark == 0 && ++subscriber->last < number)
        if (is_for (subscriber, subscriber->last))
            test_fail (__FILE__, __LINE__, "message %ld came and %ld did not", number, subscriber->last);
    subscriber->last = number;
    subscriber->seen |= 1 << (flood_topic (&labelled, number) - 'A');
    if (!knew && knows_all_topics (subscriber))
        atomic_fetch_add (&started, 1);
}

static void *follow (void *argument)
{
    struct subscriber *subscriber = argument;
    for (long taken = 0; subscriber->last < atomic_load (&end); taken++) {
        long number = flood_recv (subscriber->socket, &labelled, 0);
        if (number < 0)
            test_fail (__FILE__, __LINE__, "waited in vain after message %ld", subscriber->last);
        note (subscriber, number);
        if (subscriber->slow && taken % 200 == 199)
            zmq_poll (NULL, 0, 2);
    }
    return NULL;
}

static void subscribe (struct subscriber *subscriber, const char *topics)
{
    char topic[2] = "";
    subscriber->topics = topics;
    if (!*topics)
        test_set_text (subscriber->socket, ZMQ_SUBSCRIBE, "");
    for (; *topics; topics++) {
        topic[0] = *topics;
        test_set_text (subscriber->socket, ZMQ_SUBSCRIBE, topic);
    }
}

static void start_following (pthread_t *threads)
{
    const struct audience *audience = test_row ();
    const char *endpoint = test_bind (from);
    for (int i = 0; i < SUBSCRIBERS; i++) {
        subscribers[i] = (struct subscriber) {.socket = test_socket (ZMQ_SUB), .slow = i == 1, .last = -1};
        set_marks (subscribers[i].socket, audience->mark);
        test_connect (subscribers[i].socket, endpoint);
        subscribe (&subscribers[i], audience->topics[i]);
        EXPECT_INT (pthread_create (&threads[i], NULL, follow, &subscribers[i]), 0);
    }
}

/* One message a millisecond, until subscriptions are in force, and until the last has arrived. */
static void publish_slowly (long *number)
{
    EXPECT_INT (flood_send (from, &labelled, (*number)++, 0), 0);
    zmq_poll (NULL, 0, 1);
}

static void every_subscriber_gets_its_messages_whole_and_in_order (void)
{
    pthread_t threads[SUBSCRIBERS];
    long number = 0;
    atomic_store (&end, LONG_MAX);
    from = test_socket (ZMQ_PUB);
    set_marks (from, ((const struct audience *) test_row ())->mark);
    start_following (threads);
    while (atomic_load (&started) < SUBSCRIBERS)
        publish_slowly (&number);
    for (long until = number + flood_count (10000); number < until;)
        EXPECT_INT (flood_send (from, &labelled, number++, 0), 0);
    atomic_store (&end, number);
    for (int i = 0; i < SUBSCRIBERS; i++)
        while (pthread_tryjoin_np (threads[i], NULL) != 0)
            publish_slowly (&number);
}

TESTS ({RUN (a_flood_arrives_whole_and_in_order), ROWS (couples), EACH_TRANSPORT},
       {RUN (a_flood_through_narrow_queues_arrives_whole_and_in_order), ROWS (narrow), EACH_TRANSPORT},
       {RUN (a_flood_arrives_whole_and_in_order_at_a_slow_receiver), ROWS (slow), EACH_TRANSPORT},
       {RUN (messages_with_pauses_arrive_whole_and_in_order), ROWS (thin), EACH_TRANSPORT},
       {RUN (a_flood_of_requests_is_answered_in_order), EACH_TRANSPORT},
       {RUN (every_subscriber_gets_its_messages_whole_and_in_order), ROWS (audiences), EACH_TRANSPORT});
