/* PUB and SUB: matching by prefix, duplicates, unsubscribing, fan-out, and what a slow or late subscriber misses. */
#include "test.h"

static void *pub, *sub;

static void join_pub_sub (void)
{
    pub = test_socket (ZMQ_PUB);
    sub = test_socket (ZMQ_SUB);
    test_join (pub, sub);
}

static void subscribe (const char *topic)
{
    test_set_text (sub, ZMQ_SUBSCRIBE, topic);
}

static void unsubscribe (const char *topic)
{
    test_set_text (sub, ZMQ_UNSUBSCRIBE, topic);
}

/* Publishes; the message that follows shows whether this one came through. */
static void expect_missed (const char *text)
{
    SEND (pub, text);
    SEND (pub, "~");
    EXPECT_MSG (sub, "~");
}

static void expect_seen (const char *text)
{
    SEND (pub, text);
    EXPECT_MSG (sub, text);
}

struct match {
    const char *name;
    const char *topics[4]; /* what is subscribed to, of raw bytes, ends with NULL */
    const char *seen[8];
    const char *missed[8];
};

static const struct match matches[] = {
    {"one-letter", {"A"}, {"A", "AB", "A|B", "A<00>", "A||"}, {"B", "a", "", " A", "BA", "|A", "B|A"}},
    {"longer-than-message", {"ABC"}, {"ABC", "ABCD"}, {"AB", "A", "", "AB|C"}},
    {"everything", {""}, {"", "x", "|", "<00>", "x|y|z"}, {NULL}},
    {"nothing", {NULL}, {NULL}, {"", "x", "|x"}},
    {"several", {"A", "C", "CD"}, {"A", "C", "CD", "CDE"}, {"B", "D", ""}},
    {"overlapping", {"A", "AB", "ABC"}, {"A", "AB", "ABC", "ABCD", "AX"}, {"B", "BA"}},
    {"high-bytes", {"\xff\xfe", "\x80"}, {"<ff><fe>", "<ff><fe>x", "<80>"}, {"<ff>", "<7f>", "<fe><ff>"}},
    {"like-a-command", {"\1", "\2A"}, {"<01>", "<01>A", "<02>A"}, {"<00>", "<02>", "A"}},
};

static void a_message_is_matched_by_the_start_of_its_first_frame (void)
{
    const struct match *match = test_row ();
    join_pub_sub ();
    subscribe ("~");
    for (int i = 0; match->topics[i]; i++)
        subscribe (match->topics[i]);
    test_sync (pub, sub);
    for (int i = 0; i < 8 && match->missed[i]; i++)
        expect_missed (match->missed[i]);
    for (int i = 0; i < 8 && match->seen[i]; i++)
        expect_seen (match->seen[i]);
}

static void a_topic_may_hold_zero_bytes (void)
{
    join_pub_sub ();
    EXPECT_OK (zmq_setsockopt (sub, ZMQ_SUBSCRIBE, "a\0b", 3));
    subscribe ("~");
    test_sync (pub, sub);
    expect_seen ("a<00>bc");
    expect_missed ("a");
    expect_missed ("a<00>c");
}

static void a_topic_may_be_long (void)
{
    char topic[20001], longer[20002];
    memset (topic, 'T', sizeof topic - 1);
    topic[sizeof topic - 1] = '\0';
    memcpy (longer, topic, sizeof topic);
    memcpy (longer + sizeof topic - 1, "x", 2);
    join_pub_sub ();
    subscribe (topic);
    subscribe ("~");
    test_sync (pub, sub);
    expect_seen (topic);
    expect_seen (longer);
    topic[sizeof topic - 2] = '\0';
    expect_missed (topic);
}

static void subscribing_later_works_too (void)
{
    join_pub_sub ();
    subscribe ("~");
    test_sync (pub, sub);
    expect_missed ("A");
    subscribe ("A");
    test_sync (pub, sub);
    expect_seen ("A");
}

static void unsubscribing_stops_the_flow (void)
{
    join_pub_sub ();
    subscribe ("~");
    subscribe ("A");
    subscribe ("AB");
    test_sync (pub, sub);
    expect_seen ("ABC");
    unsubscribe ("A");
    test_sync (pub, sub);
    expect_missed ("A");
    expect_seen ("ABC");
    unsubscribe ("AB");
    test_sync (pub, sub);
    expect_missed ("ABC");
}

static void duplicate_subscriptions_are_counted (void)
{
    join_pub_sub ();
    subscribe ("~");
    subscribe ("A");
    subscribe ("A");
    subscribe ("A");
    test_sync (pub, sub);
    expect_seen ("A");
    for (int left = 2; left >= 0; left--) {
        unsubscribe ("A");
        test_sync (pub, sub);
        if (left)
            expect_seen ("A");
        else
            expect_missed ("A");
    }
}

static void unsubscribing_what_was_never_subscribed_changes_nothing (void)
{
    join_pub_sub ();
    subscribe ("~");
    subscribe ("A");
    EXPECT_INT (zmq_setsockopt (sub, ZMQ_UNSUBSCRIBE, "never", 5), 0);
    EXPECT_INT (zmq_setsockopt (sub, ZMQ_UNSUBSCRIBE, "", 0), 0);
    EXPECT_INT (zmq_setsockopt (sub, ZMQ_UNSUBSCRIBE, NULL, 0), 0);
    test_sync (pub, sub);
    expect_seen ("A");
    expect_missed ("B");
}

static void a_null_topic_of_no_length_is_everything (void)
{
    join_pub_sub ();
    EXPECT_INT (zmq_setsockopt (sub, ZMQ_SUBSCRIBE, NULL, 0), 0);
    test_sync (pub, sub);
    expect_seen ("anything");
}

/* ---- many ---- */

static void each_subscriber_gets_its_own_share (void)
{
    enum { COUNT = 5 };
    static const char *const topics[COUNT] = {"A", "B", "AB", "", "C"};
    static const char *const seen[COUNT][4] = {
        {"A", "AB", "~end"}, {"B", "~end"}, {"AB", "~end"}, {"A", "B", "AB", "~end"}, {"~end"}};
    void *subs[COUNT];
    pub = test_socket (ZMQ_PUB);
    const char *endpoint = test_bind (pub);
    for (int i = 0; i < COUNT; i++) {
        subs[i] = test_socket (ZMQ_SUB);
        test_set_text (subs[i], ZMQ_SUBSCRIBE, topics[i]);
        test_set_text (subs[i], ZMQ_SUBSCRIBE, "~");
        test_connect (subs[i], endpoint);
    }
    for (int i = 0; i < COUNT; i++)
        test_sync (pub, subs[i]);
    SEND (pub, "~start");
    SEND (pub, "A");
    SEND (pub, "B");
    SEND (pub, "AB");
    SEND (pub, "~end");
    for (int i = 0; i < COUNT; i++) {
        const char *text;
        /* The subscriber of everything has the synchronisation of others before that. */
        do
            EXPECT ((text = test_recv (subs[i], 0)) != NULL);
        while (strcmp (text, "~start") != 0);
        for (int k = 0; k < 4 && seen[i][k]; k++)
            EXPECT_MSG (subs[i], seen[i][k]);
    }
}

static void a_subscriber_hears_all_its_publishers (void)
{
    enum { COUNT = 4 };
    static const char *const topics[COUNT] = {"A", "B", "C", "D"};
    void *pubs[COUNT];
    bool heard[COUNT] = {false};
    sub = test_socket (ZMQ_SUB);
    for (int i = 0; i < COUNT; i++) {
        subscribe (topics[i]);
        pubs[i] = test_socket (ZMQ_PUB);
        test_join (sub, pubs[i]);
        test_sync (pubs[i], sub);
    }
    for (int i = 0; i < COUNT; i++)
        SEND (pubs[i], topics[i]);
    for (int i = 0; i < COUNT; i++) {
        const char *text = test_recv (sub, 0);
        EXPECT (text != NULL && strlen (text) == 1);
        heard[text[0] - 'A'] = true;
    }
    EXPECT (heard[0] && heard[1] && heard[2] && heard[3]);
}

/* ---- peers come and go ---- */

static void publishing_without_subscribers_succeeds (void)
{
    pub = test_socket (ZMQ_PUB);
    for (int i = 0; i < 2000; i++)
        EXPECT_INT (zmq_send (pub, "x", 1, ZMQ_DONTWAIT), 1);
    EXPECT_INT (test_events (pub), ZMQ_POLLOUT);
    test_bind (pub);
    for (int i = 0; i < 2000; i++)
        EXPECT_INT (zmq_send (pub, "x", 1, 0), 1);
}

static void a_late_subscriber_misses_what_was_before (void)
{
    pub = test_socket (ZMQ_PUB);
    sub = test_socket (ZMQ_SUB);
    const char *endpoint = test_bind (pub);
    SEND (pub, "early");
    subscribe ("early");
    test_connect (sub, endpoint);
    WAIT_UNTIL ((test_events (pub), SEND (pub, "early-enough"), test_events (sub) & ZMQ_POLLIN));
    EXPECT_MSG (sub, "early-enough");
}

static void a_subscriber_that_leaves_harms_nobody (void)
{
    void *other = test_socket (ZMQ_SUB);
    pub = test_socket (ZMQ_PUB);
    sub = test_socket (ZMQ_SUB);
    const char *endpoint = test_bind (pub);
    test_set_text (other, ZMQ_SUBSCRIBE, "x");
    subscribe ("x");
    test_connect (other, endpoint);
    test_connect (sub, endpoint);
    test_sync (pub, other);
    test_sync (pub, sub);
    SEND (pub, "x1");
    EXPECT_MSG (sub, "x1");
    EXPECT_MSG (other, "x1");
    test_close (other);
    for (int i = 0; i < 100; i++)
        expect_seen ("x2|y");
}

/* Over the network subscriptions are sent anew to a publisher that comes back. */
static void subscriptions_outlive_the_publisher (void)
{
    pub = test_socket (ZMQ_PUB);
    sub = test_socket (ZMQ_SUB);
    const char *endpoint = test_bind (pub);
    test_set_int (sub, ZMQ_RECONNECT_IVL, 10);
    subscribe ("A");
    subscribe ("~");
    test_connect (sub, endpoint);
    test_sync (pub, sub);
    test_close (pub);
    subscribe ("B");
    unsubscribe ("A");
    pub = test_socket (ZMQ_PUB);
    WAIT_UNTIL (zmq_bind (pub, endpoint) == 0);
    test_sync (pub, sub);
    expect_seen ("B");
    expect_missed ("A");
}

static void a_disconnected_publisher_is_not_heard (void)
{
    void *other = test_socket (ZMQ_PUB);
    pub = test_socket (ZMQ_PUB);
    sub = test_socket (ZMQ_SUB);
    const char *endpoint = test_bind (pub);
    test_connect (sub, endpoint);
    test_sync (pub, sub);
    subscribe ("x");
    test_sync (pub, sub);
    EXPECT_OK (zmq_disconnect (sub, endpoint));
    test_connect (sub, test_bind (other));
    test_sync (other, sub);
    for (int i = 0; i < 10; i++)
        SEND (pub, "x-gone");
    SEND (other, "x-heard");
    EXPECT_MSG (sub, "x-heard");
}

static void inverted_matching_sends_what_was_not_subscribed (void)
{
    pub = test_socket (ZMQ_XPUB);
    sub = test_socket (ZMQ_SUB);
    test_set_int (pub, ZMQ_INVERT_MATCHING, 1);
    test_set_int (sub, ZMQ_INVERT_MATCHING, 1);
    subscribe ("A");
    test_join (pub, sub);
    /* A binding subscriber subscribes when its own thread learns of the publisher. */
    WAIT_UNTIL ((test_events (sub), test_events (pub) & ZMQ_POLLIN));
    EXPECT_MSG (pub, "<01>A");
    expect_seen ("B");
    expect_seen ("");
    SEND (pub, "A");
    SEND (pub, "AB");
    expect_seen ("BA");
}

TESTS ({RUN (a_message_is_matched_by_the_start_of_its_first_frame), EACH_WAY, ROWS (matches)},
       {RUN (a_topic_may_hold_zero_bytes), EACH_TRANSPORT}, {RUN (a_topic_may_be_long), EACH_TRANSPORT},
       {RUN (subscribing_later_works_too), EACH_WAY}, {RUN (unsubscribing_stops_the_flow), EACH_WAY},
       {RUN (duplicate_subscriptions_are_counted), EACH_WAY},
       {RUN (unsubscribing_what_was_never_subscribed_changes_nothing), EACH_TRANSPORT},
       {RUN (a_null_topic_of_no_length_is_everything), EACH_TRANSPORT},
       {RUN (each_subscriber_gets_its_own_share), EACH_TRANSPORT},
       {RUN (a_subscriber_hears_all_its_publishers), EACH_WAY},
       {RUN (publishing_without_subscribers_succeeds), EACH_TRANSPORT},
       {RUN (a_late_subscriber_misses_what_was_before), EACH_TRANSPORT},
       {RUN (a_subscriber_that_leaves_harms_nobody), EACH_TRANSPORT},
       {RUN (subscriptions_outlive_the_publisher), EACH_NETWORK},
       {RUN (a_disconnected_publisher_is_not_heard), EACH_TRANSPORT},
       {RUN (inverted_matching_sends_what_was_not_subscribed), EACH_WAY});
