/* XPUB: subscriptions as messages, what its options change about them, and messages from subscribers. */
#include "test.h"

static void *xpub, *xsub;

static void join_xpub_xsub (void)
{
    xpub = test_socket (ZMQ_XPUB);
    xsub = test_socket (ZMQ_XSUB);
    test_connect (xsub, test_bind (xpub));
}

static void subscriptions_can_be_read (void)
{
    join_xpub_xsub ();
    SEND (xsub, "<01>A");
    EXPECT_MSG (xpub, "<01>A");
    SEND (xsub, "<01>");
    EXPECT_MSG (xpub, "<01>");
    SEND (xsub, "<00>A");
    EXPECT_MSG (xpub, "<00>A");
    SEND (xsub, "<01><00><01>");
    EXPECT_MSG (xpub, "<01><00><01>");
}

static void options_of_sub_are_subscription_messages (void)
{
    void *sub = test_socket (ZMQ_SUB);
    xpub = test_socket (ZMQ_XPUB);
    test_set_text (sub, ZMQ_SUBSCRIBE, "A");
    test_set_text (sub, ZMQ_SUBSCRIBE, "A");
    test_connect (sub, test_bind (xpub));
    EXPECT_MSG (xpub, "<01>A");
    test_set_text (sub, ZMQ_SUBSCRIBE, "B");
    EXPECT_MSG (xpub, "<01>B");
    test_set_text (sub, ZMQ_UNSUBSCRIBE, "never");
    test_set_text (sub, ZMQ_UNSUBSCRIBE, "A");
    test_set_text (sub, ZMQ_UNSUBSCRIBE, "B");
    EXPECT_MSG (xpub, "<00>B");
    test_set_text (sub, ZMQ_UNSUBSCRIBE, "A");
    EXPECT_MSG (xpub, "<00>A");
}

/* The second subscriber of a topic is not news, nor is the departure of any but the last. */
static void by_default_only_the_first_and_the_last_of_a_topic_show (void)
{
    void *other;
    join_xpub_xsub ();
    other = test_socket (ZMQ_XSUB);
    SEND (xsub, "<01>A");
    EXPECT_MSG (xpub, "<01>A");
    SEND (other, "<01>A");
    SEND (other, "<01>other");
    test_join (xpub, other);
    EXPECT_MSG (xpub, "<01>other");
    SEND (xsub, "<00>A");
    SEND (xsub, "<01>mark");
    EXPECT_MSG (xpub, "<01>mark");
    SEND (other, "<00>A");
    EXPECT_MSG (xpub, "<00>A");
}

static void verbose_shows_every_subscription (void)
{
    void *other;
    join_xpub_xsub ();
    test_set_int (xpub, ZMQ_XPUB_VERBOSE, 1);
    SEND (xsub, "<01>A");
    EXPECT_MSG (xpub, "<01>A");
    other = test_socket (ZMQ_XSUB);
    test_join (xpub, other);
    SEND (other, "<01>A");
    EXPECT_MSG (xpub, "<01>A");
    SEND (xsub, "<00>A");
    SEND (xsub, "<01>mark");
    EXPECT_MSG (xpub, "<01>mark");
    test_set_int (xpub, ZMQ_XPUB_VERBOSE, 0);
    SEND (xsub, "<01>A");
    SEND (xsub, "<01>mark2");
    EXPECT_MSG (xpub, "<01>mark2");
}

static void verboser_shows_every_unsubscription_too (void)
{
    void *other;
    join_xpub_xsub ();
    test_set_int (xpub, ZMQ_XPUB_VERBOSER, 1);
    other = test_socket (ZMQ_XSUB);
    test_join (xpub, other);
    SEND (xsub, "<01>A");
    EXPECT_MSG (xpub, "<01>A");
    SEND (other, "<01>A");
    EXPECT_MSG (xpub, "<01>A");
    SEND (xsub, "<00>A");
    EXPECT_MSG (xpub, "<00>A");
    SEND (other, "<00>A");
    EXPECT_MSG (xpub, "<00>A");
}

static void a_subscriber_that_leaves_is_unsubscribed (void)
{
    join_xpub_xsub ();
    SEND (xsub, "<01>C");
    SEND (xsub, "<01>A");
    SEND (xsub, "<01>AB");
    EXPECT_MSG (xpub, "<01>C");
    EXPECT_MSG (xpub, "<01>A");
    EXPECT_MSG (xpub, "<01>AB");
    test_close (xsub);
    EXPECT_MSG (xpub, "<00>A");
    EXPECT_MSG (xpub, "<00>AB");
    EXPECT_MSG (xpub, "<00>C");
}

static void messages_of_subscribers_arrive (void)
{
    join_xpub_xsub ();
    SEND (xsub, "hello");
    EXPECT_MSG (xpub, "hello");
    SEND (xsub, "<02>x|y|");
    EXPECT_MSG (xpub, "<02>x|y|");
    SEND (xsub, "");
    EXPECT_MSG (xpub, "");
}

static void a_subscription_matches_published_messages (void)
{
    join_xpub_xsub ();
    SEND (xsub, "<01>A");
    EXPECT_MSG (xpub, "<01>A");
    SEND (xpub, "B");
    SEND (xpub, "A|1");
    EXPECT_MSG (xsub, "A|1");
    SEND (xsub, "<00>A");
    EXPECT_MSG (xpub, "<00>A");
    SEND (xsub, "<01>B");
    EXPECT_MSG (xpub, "<01>B");
    SEND (xpub, "A");
    SEND (xpub, "B");
    EXPECT_MSG (xsub, "B");
}

/* ---- MANUAL ---- */

static void manual_leaves_subscribing_to_the_application (void)
{
    join_xpub_xsub ();
    test_set_int (xpub, ZMQ_XPUB_MANUAL, 1);
    SEND (xsub, "<01>asked");
    EXPECT_MSG (xpub, "<01>asked");
    test_set_text (xpub, ZMQ_SUBSCRIBE, "given");
    SEND (xpub, "asked");
    SEND (xpub, "given");
    EXPECT_MSG (xsub, "given");
    SEND (xsub, "<00>asked");
    EXPECT_MSG (xpub, "<00>asked");
    SEND (xpub, "given2");
    EXPECT_MSG (xsub, "given2");
    test_set_text (xpub, ZMQ_UNSUBSCRIBE, "given");
    test_set_text (xpub, ZMQ_SUBSCRIBE, "~");
    SEND (xpub, "given3");
    SEND (xpub, "~");
    EXPECT_MSG (xsub, "~");
}

static void manual_answers_the_subscription_read_last (void)
{
    void *other;
    join_xpub_xsub ();
    test_set_int (xpub, ZMQ_XPUB_MANUAL, 1);
    other = test_socket (ZMQ_XSUB);
    test_join (xpub, other);
    SEND (xsub, "<01>one");
    EXPECT_MSG (xpub, "<01>one");
    test_set_text (xpub, ZMQ_SUBSCRIBE, "1");
    SEND (other, "<01>two");
    EXPECT_MSG (xpub, "<01>two");
    test_set_text (xpub, ZMQ_SUBSCRIBE, "2");
    SEND (xpub, "1");
    SEND (xpub, "2");
    EXPECT_MSG (xsub, "1");
    EXPECT_MSG (other, "2");
    SEND (xpub, "1 again");
    SEND (xpub, "2 again");
    EXPECT_MSG (xsub, "1 again");
    EXPECT_MSG (other, "2 again");
}

static void manual_with_no_subscriber_has_no_effect (void)
{
    xpub = test_socket (ZMQ_XPUB);
    test_set_int (xpub, ZMQ_XPUB_MANUAL, 1);
    EXPECT_INT (zmq_setsockopt (xpub, ZMQ_SUBSCRIBE, "A", 1), 0);
    EXPECT_INT (zmq_setsockopt (xpub, ZMQ_UNSUBSCRIBE, "A", 1), 0);
}

static void without_manual_the_application_cannot_subscribe (void)
{
    xpub = test_socket (ZMQ_XPUB);
    EXPECT_ERRNO (zmq_setsockopt (xpub, ZMQ_SUBSCRIBE, "A", 1), EINVAL);
    EXPECT_ERRNO (zmq_setsockopt (xpub, ZMQ_UNSUBSCRIBE, "A", 1), EINVAL);
}

/* ---- WELCOME_MSG ---- */

static void a_subscriber_is_welcomed (void)
{
    void *sub = test_socket (ZMQ_SUB), *other = test_socket (ZMQ_SUB);
    xpub = test_socket (ZMQ_XPUB);
    test_set_text (xpub, ZMQ_XPUB_WELCOME_MSG, "Welcome");
    const char *endpoint = test_bind (xpub);
    test_set_text (sub, ZMQ_SUBSCRIBE, "W");
    test_connect (sub, endpoint);
    EXPECT_MSG (xpub, "<01>W");
    EXPECT_MSG (sub, "Welcome");
    /* Not of interest to this one. */
    test_set_text (other, ZMQ_SUBSCRIBE, "A");
    test_connect (other, endpoint);
    EXPECT_MSG (xpub, "<01>A");
    SEND (xpub, "A");
    EXPECT_MSG (other, "A");
    EXPECT_INT (test_events (sub), 0);
}

static void a_welcome_can_be_taken_back (void)
{
    xpub = test_socket (ZMQ_XPUB);
    xsub = test_socket (ZMQ_XSUB);
    test_set_text (xpub, ZMQ_XPUB_WELCOME_MSG, "Welcome");
    EXPECT_INT (zmq_setsockopt (xpub, ZMQ_XPUB_WELCOME_MSG, NULL, 0), 0);
    test_connect (xsub, test_bind (xpub));
    SEND (xsub, "<01>");
    EXPECT_MSG (xpub, "<01>");
    SEND (xpub, "first");
    EXPECT_MSG (xsub, "first");
}

/* ---- queues ---- */

static void subscribe_to_thousands (int subscribers_mark)
{
    enum { COUNT = 3000 };
    void *sub = test_socket (ZMQ_SUB);
    char topic[5] = "";
    xpub = test_socket (ZMQ_XPUB);
    test_set_int (xpub, ZMQ_RCVHWM, 10);
    test_set_int (sub, ZMQ_SNDHWM, subscribers_mark);
    test_connect (sub, test_bind (xpub));
    for (int i = 0; i < COUNT; i++) {
        for (int k = 0, rest = i; k < 4; k++, rest /= 10)
            topic[k] = (char) ('0' + rest % 10);
        test_set_text (sub, ZMQ_SUBSCRIBE, topic);
    }
    for (int i = 0; i < COUNT; i++) {
        const char *text = test_recv (xpub, 0);
        EXPECT (text != NULL && strncmp (text, "<01>", 4) == 0);
    }
}

static void the_publishers_mark_does_not_limit_subscriptions (void)
{
    subscribe_to_thousands (0);
}

static void the_subscribers_mark_does_not_limit_subscriptions (void)
{
    subscribe_to_thousands (10);
}

TESTS ({RUN (subscriptions_can_be_read), EACH_TRANSPORT},
       {RUN (options_of_sub_are_subscription_messages), EACH_TRANSPORT},
       {RUN (by_default_only_the_first_and_the_last_of_a_topic_show), EACH_TRANSPORT},
       {RUN (verbose_shows_every_subscription), EACH_TRANSPORT},
       {RUN (verboser_shows_every_unsubscription_too), EACH_TRANSPORT},
       {RUN (a_subscriber_that_leaves_is_unsubscribed), EACH_TRANSPORT},
       {RUN (messages_of_subscribers_arrive), EACH_TRANSPORT},
       {RUN (a_subscription_matches_published_messages), EACH_TRANSPORT},
       {RUN (manual_leaves_subscribing_to_the_application), EACH_TRANSPORT},
       {RUN (manual_answers_the_subscription_read_last), EACH_TRANSPORT},
       {RUN (manual_with_no_subscriber_has_no_effect)}, {RUN (without_manual_the_application_cannot_subscribe)},
       {RUN (a_subscriber_is_welcomed), EACH_TRANSPORT}, {RUN (a_welcome_can_be_taken_back), EACH_TRANSPORT},
       {RUN (the_publishers_mark_does_not_limit_subscriptions), EACH_TRANSPORT},
       {RUN (the_subscribers_mark_does_not_limit_subscriptions), EACH_TRANSPORT,
        BETTER ("libzmq loses subscriptions beyond the mark")});
