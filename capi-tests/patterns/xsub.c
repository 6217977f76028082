/* XSUB: subscribing by messages, speaking upstream, and no filter of its own. */
#include "test.h"

static void *xpub, *xsub;

static void join_xpub_xsub (void)
{
    xpub = test_socket (ZMQ_XPUB);
    xsub = test_socket (ZMQ_XSUB);
    test_set_int (xpub, ZMQ_XPUB_VERBOSER, 1);
    test_connect (xsub, test_bind (xpub));
}

static void sending_never_blocks (void)
{
    xsub = test_socket (ZMQ_XSUB);
    EXPECT_INT (test_events (xsub), ZMQ_POLLOUT);
    for (int i = 0; i < 2000; i++)
        SEND (xsub, "x");
    test_bind (xsub);
    for (int i = 0; i < 2000; i++)
        SEND (xsub, "<01>A");
    EXPECT_INT (test_events (xsub), ZMQ_POLLOUT);
}

static void every_subscription_is_passed_on_but_only_the_last_unsubscription (void)
{
    join_xpub_xsub ();
    SEND (xsub, "<01>A");
    SEND (xsub, "<01>A");
    SEND (xsub, "<00>A");
    SEND (xsub, "mark");
    EXPECT_MSG (xpub, "<01>A");
    EXPECT_MSG (xpub, "<01>A");
    EXPECT_MSG (xpub, "mark");
    SEND (xsub, "<00>A");
    EXPECT_MSG (xpub, "<00>A");
}

static void unsubscribing_what_was_not_subscribed_is_not_passed_on (void)
{
    join_xpub_xsub ();
    SEND (xsub, "<00>never");
    SEND (xsub, "<00>");
    SEND (xsub, "<01>A");
    EXPECT_MSG (xpub, "<01>A");
    SEND (xsub, "<00>AB");
    SEND (xsub, "mark");
    EXPECT_MSG (xpub, "mark");
}

static void subscriptions_made_before_connecting_are_sent_once_each (void)
{
    bool a = false, b = false;
    xpub = test_socket (ZMQ_XPUB);
    xsub = test_socket (ZMQ_XSUB);
    test_set_int (xpub, ZMQ_XPUB_VERBOSER, 1);
    SEND (xsub, "<01>A");
    SEND (xsub, "<01>A");
    SEND (xsub, "<01>B");
    SEND (xsub, "<01>C");
    SEND (xsub, "<00>C");
    test_connect (xsub, test_bind (xpub));
    for (int i = 0; i < 2; i++) {
        const char *text = test_recv (xpub, 0);
        EXPECT (text != NULL);
        a = a || strcmp (text, "<01>A") == 0;
        b = b || strcmp (text, "<01>B") == 0;
    }
    EXPECT (a && b);
    SEND (xsub, "mark");
    EXPECT_MSG (xpub, "mark");
}

static void each_publisher_gets_the_subscription (void)
{
    void *second = test_socket (ZMQ_XPUB);
    join_xpub_xsub ();
    test_connect (xsub, test_bind (second));
    SEND (xsub, "<01>A");
    EXPECT_MSG (xpub, "<01>A");
    EXPECT_MSG (second, "<01>A");
    SEND (xsub, "up|x");
    EXPECT_MSG (xpub, "up|x");
    EXPECT_MSG (second, "up|x");
    SEND (xpub, "A1");
    EXPECT_MSG (xsub, "A1");
    SEND (second, "A2");
    EXPECT_MSG (xsub, "A2");
}

/* The publisher is made to send what was not asked for. */
static void what_arrives_is_not_filtered (void)
{
    xpub = test_socket (ZMQ_XPUB);
    xsub = test_socket (ZMQ_XSUB);
    test_set_int (xpub, ZMQ_XPUB_MANUAL, 1);
    test_connect (xsub, test_bind (xpub));
    SEND (xsub, "<01>A");
    EXPECT_MSG (xpub, "<01>A");
    EXPECT_OK (zmq_setsockopt (xpub, ZMQ_SUBSCRIBE, "", 0));
    SEND (xpub, "B|x");
    EXPECT_MSG (xsub, "B|x");
}

static void sub_filters_what_arrives (void)
{
    void *sub = test_socket (ZMQ_SUB);
    xpub = test_socket (ZMQ_XPUB);
    test_set_int (xpub, ZMQ_XPUB_MANUAL, 1);
    test_connect (sub, test_bind (xpub));
    test_set_text (sub, ZMQ_SUBSCRIBE, "A");
    EXPECT_MSG (xpub, "<01>A");
    EXPECT_OK (zmq_setsockopt (xpub, ZMQ_SUBSCRIBE, "", 0));
    SEND (xpub, "B|A");
    SEND (xpub, "A|x");
    EXPECT_MSG (sub, "A|x");
}

static void pub_discards_what_subscribers_say (void)
{
    void *pub = test_socket (ZMQ_PUB);
    xsub = test_socket (ZMQ_XSUB);
    test_connect (xsub, test_bind (pub));
    SEND (xsub, "<01>A");
    SEND (xsub, "hello|pub");
    WAIT_UNTIL ((test_events (pub), SEND (pub, "A"), test_events (xsub) & ZMQ_POLLIN));
    EXPECT_INT (test_events (pub), ZMQ_POLLOUT);
    EXPECT_ERRNO (zmq_recv (pub, NULL, 0, ZMQ_DONTWAIT), ENOTSUP);
}

/* The forwarder of the Guide: subscriptions go up through it, messages down. */
static void a_forwarder_passes_both_ways (void)
{
    void *source = test_socket (ZMQ_XPUB), *front = test_socket (ZMQ_XSUB), *back = test_socket (ZMQ_XPUB);
    void *sub = test_socket (ZMQ_SUB);
    test_connect (front, test_bind (source));
    test_connect (sub, test_bind (back));
    test_set_text (sub, ZMQ_SUBSCRIBE, "A");
    EXPECT_MSG (back, "<01>A");
    SEND (front, "<01>A");
    EXPECT_MSG (source, "<01>A");
    SEND (source, "B");
    SEND (source, "A|x");
    EXPECT_MSG (front, "A|x");
    SEND (back, "A|x");
    EXPECT_MSG (sub, "A|x");
    test_close (sub);
    EXPECT_MSG (back, "<00>A");
    SEND (front, "<00>A");
    EXPECT_MSG (source, "<00>A");
}

/* Receives up to a mark: how many messages came before it, of which the first few are stored. */
static int receive_to (const char *mark, const char **texts, int most)
{
    for (int count = 0;; count++) {
        const char *text = test_recv (xpub, 0);
        EXPECT (text != NULL);
        if (strcmp (text, mark) == 0)
            return count;
        if (count < most)
            texts[count] = text;
    }
}

/* The text with the number in place of "1000". */
static const char *numbered (const char *text, int number)
{
    char *copy = test_keep (strdup (text)), digits[12];
    snprintf (digits, sizeof digits, "%04d", number);
    for (char *at = copy; (at = strstr (at, "1000")); at += 4)
        memcpy (at, digits, 4);
    return copy;
}

/* A frame within a message that looks like a request is treated in a flood as it is without one: the topic is new each
 * time, so that the other end tells of it. */
static void requests_within_messages_are_the_same_in_a_flood (void)
{
    enum { FIRST = 1000, MESSAGES = 4000, MOST = 8 };
    static const char text[] = "begin 1000|<01>topic 1000|end 1000";
    const char *slow[MOST], *fast[MOST * MESSAGES];
    xpub = test_socket (ZMQ_XPUB);
    xsub = test_socket (ZMQ_XSUB);
    test_set_int (xpub, ZMQ_RCVHWM, 0);
    test_set_int (xsub, ZMQ_SNDHWM, 0);
    test_connect (xsub, test_bind (xpub));
    SEND (xsub, text);
    SEND (xsub, "slow");
    int each = receive_to ("slow", slow, MOST);
    EXPECT (0 < each && each <= MOST);
    const char *numbers[MESSAGES];
    for (int i = 0; i < MESSAGES; i++)
        numbers[i] = numbered (text, FIRST + 1 + i);
    for (int i = 0; i < MESSAGES; i++)
        SEND (xsub, numbers[i]);
    SEND (xsub, "fast");
    EXPECT_INT (receive_to ("fast", fast, MOST * MESSAGES), each * MESSAGES);
    for (int i = 0; i < each * MESSAGES; i++)
        EXPECT_STR (fast[i], numbered (slow[i % each], FIRST + 1 + i / each));
}

TESTS ({RUN (sending_never_blocks), EACH_TRANSPORT},
       {RUN (every_subscription_is_passed_on_but_only_the_last_unsubscription), EACH_TRANSPORT},
       {RUN (unsubscribing_what_was_not_subscribed_is_not_passed_on), EACH_TRANSPORT},
       {RUN (subscriptions_made_before_connecting_are_sent_once_each), EACH_TRANSPORT},
       {RUN (each_publisher_gets_the_subscription), EACH_TRANSPORT},
       {RUN (what_arrives_is_not_filtered), EACH_TRANSPORT},
       {RUN (sub_filters_what_arrives), EACH_TRANSPORT}, {RUN (pub_discards_what_subscribers_say), EACH_TRANSPORT},
       {RUN (a_forwarder_passes_both_ways), EACH_TRANSPORT},
       {RUN (requests_within_messages_are_the_same_in_a_flood), EACH_TRANSPORT});
