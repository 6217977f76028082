/* Messages on their way over a socket: sizes, truncation, the MORE flag, and each pair of send and receive calls. */
#include "raw.h"
#include "test.h"

#include <string.h>

#include <stdint.h>
#include <stdlib.h>
#include <sys/uio.h>

static void *push, *pull;

static void join_push_pull (void)
{
    push = test_socket (ZMQ_PUSH);
    pull = test_socket (ZMQ_PULL);
    test_join (push, pull);
}

/* The byte at an offset of message number `seed`: wrong, too, when messages are mixed up or shifted. */
static unsigned char pattern (size_t seed, size_t offset)
{
    return (unsigned char) (seed * 31 + offset * 7 + offset / 253);
}

static void send_pattern (size_t seed, size_t size, int flags)
{
    zmq_msg_t message;
    EXPECT_OK (zmq_msg_init_size (&message, size));
    unsigned char *data = zmq_msg_data (&message);
    for (size_t i = 0; i < size; i++)
        data[i] = pattern (seed, i);
    EXPECT_INT (zmq_msg_send (&message, push, flags), (long long) size);
}

static void expect_pattern (size_t seed, size_t size, int more)
{
    zmq_msg_t message;
    EXPECT_OK (zmq_msg_init (&message));
    EXPECT_INT (zmq_msg_recv (&message, pull, 0), (long long) size);
    const unsigned char *data = zmq_msg_data (&message);
    EXPECT_INT (zmq_msg_size (&message), size);
    for (size_t i = 0; i < size; i++)
        if (data[i] != pattern (seed, i))
            test_fail (__FILE__, __LINE__, "message %zu: byte %zu of %zu is wrong", seed, i, size);
    EXPECT_INT (zmq_msg_more (&message), more);
    EXPECT_OK (zmq_msg_close (&message));
}

struct size_row {
    const char *name;
    size_t size;
};

static const struct size_row sizes[] = {
    {"0", 0},       {"1", 1},       {"33", 33},         {"34", 34},         {"254", 254},         {"255", 255},
    {"256", 256},   {"8183", 8183}, {"8192", 8192},     {"65535", 65535},   {"65536", 65536},     {"1048576", 1048576},
    {"5000000", 5000000},
};

static size_t row_size (void)
{
    return ((const struct size_row *) test_row ())->size;
}

/* Three in a row, so that what follows a message of that size is seen to be right as well. */
static void bytes_arrive_as_sent (void)
{
    join_push_pull ();
    for (size_t i = 0; i < 3; i++)
        send_pattern (i, row_size (), 0);
    for (size_t i = 0; i < 3; i++)
        expect_pattern (i, row_size (), 0);
}

static void messages_of_all_sizes_mix (void)
{
    enum { COUNT = 400 };
    join_push_pull ();
    for (size_t i = 0; i < COUNT; i++)
        send_pattern (i, i * i % 9001, 0);
    for (size_t i = 0; i < COUNT; i++)
        expect_pattern (i, i * i % 9001, 0);
}

static void frames_of_all_sizes_make_one_message (void)
{
    enum { COUNT = 300 };
    join_push_pull ();
    for (size_t i = 0; i < COUNT; i++)
        send_pattern (i, i * 13 % 1024, i + 1 < COUNT ? ZMQ_SNDMORE : 0);
    for (size_t i = 0; i < COUNT; i++)
        expect_pattern (i, i * 13 % 1024, i + 1 < COUNT);
}

/* Sparse checks: touching every byte would make the case slow rather than sharper. */
static void a_quarter_gigabyte_arrives (void)
{
    const size_t size = (size_t) 256 << 20, step = 65521;
    zmq_msg_t message;
    join_push_pull ();
    EXPECT_OK (zmq_msg_init_size (&message, size));
    unsigned char *data = memset (zmq_msg_data (&message), 0, size);
    for (size_t i = 0; i < size; i += step)
        data[i] = pattern (1, i);
    data[size - 1] = 'z';
    EXPECT_INT (zmq_msg_send (&message, push, 0), (long long) size);
    send_pattern (2, 10, 0);
    EXPECT_INT (zmq_msg_recv (&message, pull, 0), (long long) size);
    data = zmq_msg_data (&message);
    for (size_t i = 0; i < size; i += step)
        EXPECT_INT (data[i], pattern (1, i));
    EXPECT_INT (data[size - 1], 'z');
    EXPECT_OK (zmq_msg_close (&message));
    expect_pattern (2, 10, 0);
}

/* ---- buffers ---- */

static void a_short_buffer_gets_the_start_and_the_full_size (void)
{
    char buffer[8] = "#######";
    join_push_pull ();
    SEND (push, "0123456789");
    SEND (push, "next");
    EXPECT_INT (zmq_recv (pull, buffer, 4, 0), 10);
    EXPECT_STR (buffer, "0123###");
    EXPECT_INT (zmq_recv (pull, buffer, sizeof buffer, 0), 4);
    EXPECT_STR (buffer, "next###");
}

static void a_null_buffer_of_no_length_takes_a_message (void)
{
    join_push_pull ();
    EXPECT_INT (zmq_send (push, NULL, 0, 0), 0);
    SEND (push, "ignored");
    SEND (push, "seen");
    EXPECT_INT (zmq_recv (pull, NULL, 0, 0), 0);
    EXPECT_INT (zmq_recv (pull, NULL, 0, 0), 7);
    EXPECT_MSG (pull, "seen");
}

static void the_senders_buffer_is_copied (void)
{
    char buffer[] = "before";
    join_push_pull ();
    EXPECT_INT (zmq_send (push, buffer, 6, 0), 6);
    memcpy (buffer, "after!", 6);
    EXPECT_MSG (pull, "before");
}

static void send_const_arrives (void)
{
    static const char constant[] = "a text that is longer than a message holds inline";
    join_push_pull ();
    EXPECT_INT (zmq_send_const (push, constant, 5, ZMQ_SNDMORE), 5);
    EXPECT_INT (zmq_send_const (push, constant, sizeof constant - 1, 0), sizeof constant - 1);
    EXPECT_MSG (pull, "a tex|a text that is longer than a message holds inline");
}

static void send_const_is_not_copied_over_inproc (void)
{
    static const char constant[1000] = "x";
    zmq_msg_t message;
    join_push_pull ();
    EXPECT_OK (zmq_send_const (push, constant, sizeof constant, 0));
    EXPECT_OK (zmq_msg_init (&message));
    EXPECT_OK (zmq_msg_recv (&message, pull, 0));
    EXPECT (zmq_msg_data (&message) == constant);
    EXPECT_OK (zmq_msg_close (&message));
}

static void a_large_message_is_not_copied_over_inproc (void)
{
    zmq_msg_t message;
    join_push_pull ();
    EXPECT_OK (zmq_msg_init_size (&message, 5000));
    void *data = zmq_msg_data (&message);
    EXPECT_OK (zmq_msg_send (&message, push, 0));
    EXPECT_OK (zmq_msg_recv (&message, pull, 0));
    EXPECT (zmq_msg_data (&message) == data);
    EXPECT_OK (zmq_msg_close (&message));
}

/* ---- message calls ---- */

static void sending_empties_the_message (void)
{
    zmq_msg_t message;
    join_push_pull ();
    for (size_t size = 0; size < 200; size += 50) {
        EXPECT_OK (zmq_msg_init_size (&message, size));
        memset (zmq_msg_data (&message), 'x', size);
        EXPECT_INT (zmq_msg_send (&message, push, ZMQ_SNDMORE), (long long) size);
        EXPECT_INT (zmq_msg_size (&message), 0);
        EXPECT_INT (zmq_msg_more (&message), 0);
        /* Usable at once, and closing it is allowed, not required. */
        EXPECT_INT (zmq_msg_send (&message, push, 0), 0);
        EXPECT_INT (zmq_msg_close (&message), 0);
    }
    EXPECT_MSG (pull, "|");
}

static void a_refused_send_keeps_the_content (void)
{
    zmq_msg_t message;
    void *lonely = test_socket (ZMQ_PUSH);
    EXPECT_OK (zmq_msg_init_size (&message, 4));
    memcpy (zmq_msg_data (&message), "keep", 4);
    EXPECT_ERRNO (zmq_msg_send (&message, lonely, ZMQ_DONTWAIT), EAGAIN);
    EXPECT_INT (zmq_msg_size (&message), 4);
    EXPECT (memcmp (zmq_msg_data (&message), "keep", 4) == 0);
    join_push_pull ();
    EXPECT_INT (zmq_msg_send (&message, push, 0), 4);
    EXPECT_MSG (pull, "keep");
}

static void receiving_releases_the_old_content (void)
{
    zmq_msg_t message;
    join_push_pull ();
    SEND (push, "new");
    EXPECT_OK (zmq_msg_init_size (&message, 100000));
    EXPECT_INT (zmq_msg_recv (&message, pull, 0), 3);
    EXPECT_INT (zmq_msg_size (&message), 3);
    EXPECT_ERRNO (zmq_msg_recv (&message, pull, ZMQ_DONTWAIT), EAGAIN);
    EXPECT_OK (zmq_msg_close (&message));
}

static void the_older_names_swap_the_arguments (void)
{
    zmq_msg_t message;
    join_push_pull ();
    EXPECT_OK (zmq_msg_init_size (&message, 3));
    memcpy (zmq_msg_data (&message), "old", 3);
    EXPECT_INT (zmq_sendmsg (push, &message, 0), 3);
    EXPECT_INT (zmq_recvmsg (pull, &message, 0), 3);
    EXPECT (memcmp (zmq_msg_data (&message), "old", 3) == 0);
    EXPECT_ERRNO (zmq_recvmsg (pull, &message, ZMQ_DONTWAIT), EAGAIN);
    EXPECT_OK (zmq_msg_close (&message));
}

static void more_is_told_three_ways (void)
{
    zmq_msg_t message;
    join_push_pull ();
    SEND (push, "a|b|c");
    EXPECT_OK (zmq_msg_init (&message));
    EXPECT_INT (test_get_int (pull, ZMQ_RCVMORE), 0);
    for (int left = 2; left >= 0; left--) {
        EXPECT_INT (zmq_msg_recv (&message, pull, 0), 1);
        EXPECT_INT (zmq_msg_more (&message), left > 0);
        EXPECT_INT (zmq_msg_get (&message, ZMQ_MORE), left > 0);
        EXPECT_INT (test_get_int (pull, ZMQ_RCVMORE), left > 0);
    }
    EXPECT_OK (zmq_msg_close (&message));
}

static void a_received_frame_with_more_sent_on_without_it_ends_the_message (void)
{
    zmq_msg_t message, copy;
    join_push_pull ();
    SEND (push, "a|b");
    EXPECT_OK (zmq_msg_init (&message));
    EXPECT_OK (zmq_msg_init (&copy));
    EXPECT_OK (zmq_msg_recv (&message, pull, 0));
    EXPECT_OK (zmq_msg_copy (&copy, &message));
    EXPECT_INT (zmq_msg_more (&copy), 1);
    EXPECT_OK (zmq_msg_recv (&message, pull, 0));
    EXPECT_OK (zmq_msg_send (&copy, push, 0));
    EXPECT_MSG (pull, "a");
    EXPECT_OK (zmq_msg_close (&message));
}

static void unknown_flags_are_ignored (void)
{
    char buffer[8];
    join_push_pull ();
    EXPECT_INT (zmq_send (push, "x", 1, 0x40), 1);
    EXPECT_INT (zmq_recv (pull, buffer, sizeof buffer, 0x40), 1);
}

/* ---- iovec calls ---- */

static void sendiov_with_more_makes_one_message (void)
{
    struct iovec parts[] = {{"one", 3}, {"", 0}, {"three", 5}};
    join_push_pull ();
    EXPECT_INT (zmq_sendiov (push, parts, 3, ZMQ_SNDMORE), 5);
    EXPECT_MSG (pull, "one||three");
}

static void sendiov_without_more_makes_several (void)
{
    struct iovec parts[] = {{"one", 3}, {"two", 3}, {"three", 5}};
    join_push_pull ();
    EXPECT_INT (zmq_sendiov (push, parts, 3, 0), 5);
    EXPECT_MSG (pull, "one");
    EXPECT_MSG (pull, "two");
    EXPECT_MSG (pull, "three");
}

static void recviov_fills_the_vector (void)
{
    struct iovec parts[4];
    size_t count = 4;
    join_push_pull ();
    SEND (push, "one|three");
    EXPECT_INT (zmq_recviov (pull, parts, &count, 0), 2);
    EXPECT_INT (count, 2);
    EXPECT_INT (parts[0].iov_len, 3);
    EXPECT (memcmp (parts[0].iov_base, "one", 3) == 0);
    EXPECT_INT (parts[1].iov_len, 5);
    EXPECT (memcmp (parts[1].iov_base, "three", 5) == 0);
    free (parts[0].iov_base);
    free (parts[1].iov_base);
}

static void recviov_leaves_what_does_not_fit (void)
{
    struct iovec part;
    size_t count = 1;
    join_push_pull ();
    SEND (push, "a|b");
    EXPECT_INT (zmq_recviov (pull, &part, &count, 0), 1);
    free (part.iov_base);
    EXPECT_INT (test_get_int (pull, ZMQ_RCVMORE), 1);
    EXPECT_MSG (pull, "b");
}

static void bad_vectors_are_einval (void)
{
    struct iovec part = {"x", 1};
    size_t none = 0, one = 1;
    join_push_pull ();
    EXPECT_ERRNO (zmq_sendiov (push, NULL, 1, 0), EINVAL);
    EXPECT_ERRNO (zmq_sendiov (push, &part, 0, 0), EINVAL);
    EXPECT_ERRNO (zmq_recviov (pull, NULL, &one, 0), EINVAL);
    EXPECT_ERRNO (zmq_recviov (pull, &part, &none, 0), EINVAL);
    EXPECT_ERRNO (zmq_recviov (pull, &part, NULL, 0), EINVAL);
    EXPECT_ERRNO (zmq_sendiov (NULL, &part, 1, 0), ENOTSOCK);
    EXPECT_ERRNO (zmq_recviov (NULL, &part, &one, 0), ENOTSOCK);
    EXPECT_ERRNO (zmq_recviov (pull, &part, &one, ZMQ_DONTWAIT), EAGAIN);
}

/* ---- a receive that brings nothing ---- */

static const struct receiver {
    const char *name;
    int type;
} receivers[] = {{"pull", ZMQ_PULL}, {"dealer", ZMQ_DEALER}, {"router", ZMQ_ROUTER}, {"sub", ZMQ_SUB}, {"pair", ZMQ_PAIR}};

static void a_receive_that_brings_nothing_leaves_an_empty_message (void)
{
    const struct receiver *row = test_row ();
    void *socket = test_socket (row->type);
    zmq_msg_t message;
    test_connect (socket, "inproc://nobody");
    EXPECT_OK (zmq_msg_init_size (&message, 100));
    EXPECT_ERRNO (zmq_msg_recv (&message, socket, ZMQ_DONTWAIT), EAGAIN);
    EXPECT_INT (zmq_msg_size (&message), 0);
    EXPECT_OK (zmq_msg_close (&message));
}

/* What a connection says of itself is not a message: neither if it comes alone, nor over one that the program has. */
static void a_peer_that_comes_back_leaves_nothing_in_the_message (void)
{
    void *dealer = test_socket (ZMQ_DEALER), *to = test_socket (ZMQ_PAIR), *from = test_socket (ZMQ_PAIR);
    zmq_msg_t message;
    char endpoint[64];
    unsigned char flags, text[8];
    int listener = raw_listen (endpoint, sizeof endpoint);
    test_set_int (dealer, ZMQ_RECONNECT_IVL, 10);
    test_connect (dealer, endpoint);
    int peer = raw_accept (listener);
    EXPECT (zmtp_send_greeting (peer, 1) && zmtp_send_ready (peer, "DEALER", "somebody"));
    EXPECT (zmtp_read_handshake (peer));
    EXPECT (zmtp_send_frame (peer, 0, "first", 5));
    EXPECT_OK (zmq_msg_init (&message));
    EXPECT_INT (zmq_msg_recv (&message, dealer, 0), 5);
    raw_close (peer);
    peer = raw_accept (listener);
    SEND (dealer, "back"); /* which goes out when the peer is known */
    EXPECT (zmtp_send_greeting (peer, 1) && zmtp_send_ready (peer, "DEALER", "somebody"));
    EXPECT (zmtp_read_handshake (peer));
    EXPECT_INT (zmtp_read_frame (peer, &flags, text, sizeof text), 4);
    EXPECT_ERRNO (zmq_msg_recv (&message, dealer, ZMQ_DONTWAIT), EAGAIN);
    EXPECT_INT (zmq_msg_size (&message), 0);
    test_join (to, from);
    EXPECT_INT (zmq_msg_send (&message, from, 0), 0);
    SEND (from, "next");
    EXPECT_MSG (to, "");
    EXPECT_MSG (to, "next");
    raw_close (peer);
    raw_close (listener);
}

/* In a flood, since what is received on a short way must be as what is received on a long one. */
static void a_short_frame_received_over_a_longer_one_is_copied_as_any (void)
{
    enum { LONGER = 60, SHORT = 8, MESSAGES = 100 };
    zmq_msg_t message, copy;
    join_push_pull ();
    for (size_t i = 0; i < MESSAGES; i++) {
        send_pattern (i, LONGER, 0);
        send_pattern (i, SHORT, 0);
    }
    EXPECT_OK (zmq_msg_init (&message));
    EXPECT_OK (zmq_msg_init (&copy));
    for (size_t i = 0; i < MESSAGES; i++) {
        EXPECT_INT (zmq_msg_recv (&message, pull, 0), LONGER);
        EXPECT_INT (zmq_msg_recv (&message, pull, 0), SHORT);
        EXPECT_OK (zmq_msg_copy (&copy, &message));
        EXPECT_INT (zmq_msg_size (&copy), SHORT);
        unsigned char *data = zmq_msg_data (&copy);
        EXPECT_INT (data[SHORT - 1], pattern (i, SHORT - 1));
        data[SHORT - 1] ^= 1;
        EXPECT_INT (((unsigned char *) zmq_msg_data (&message))[SHORT - 1], pattern (i, SHORT - 1));
        EXPECT_INT (zmq_msg_get (&message, ZMQ_SHARED), 0);
        EXPECT_INT (zmq_msg_get (&copy, ZMQ_SHARED), 0);
    }
    EXPECT_OK (zmq_msg_close (&message));
    EXPECT_OK (zmq_msg_close (&copy));
}

TESTS ({RUN (bytes_arrive_as_sent), EACH_TRANSPORT, ROWS (sizes)}, {RUN (messages_of_all_sizes_mix), EACH_WAY},
       {RUN (frames_of_all_sizes_make_one_message), EACH_TRANSPORT},
       {RUN (a_quarter_gigabyte_arrives), EACH_TRANSPORT, LIMIT (60)},
       {RUN (a_short_buffer_gets_the_start_and_the_full_size), EACH_TRANSPORT},
       {RUN (a_null_buffer_of_no_length_takes_a_message), EACH_TRANSPORT},
       {RUN (the_senders_buffer_is_copied), EACH_TRANSPORT}, {RUN (send_const_arrives), EACH_TRANSPORT},
       {RUN (send_const_is_not_copied_over_inproc)}, {RUN (a_large_message_is_not_copied_over_inproc)},
       {RUN (sending_empties_the_message)}, {RUN (a_refused_send_keeps_the_content)},
       {RUN (receiving_releases_the_old_content), EACH_TRANSPORT},
       {RUN (a_short_frame_received_over_a_longer_one_is_copied_as_any), EACH_TRANSPORT},
       {RUN (the_older_names_swap_the_arguments)},
       {RUN (more_is_told_three_ways), EACH_TRANSPORT},
       {RUN (a_received_frame_with_more_sent_on_without_it_ends_the_message), EACH_TRANSPORT},
       {RUN (unknown_flags_are_ignored)}, {RUN (sendiov_with_more_makes_one_message), EACH_TRANSPORT},
       {RUN (sendiov_without_more_makes_several), EACH_TRANSPORT}, {RUN (recviov_fills_the_vector), EACH_TRANSPORT},
       {RUN (recviov_leaves_what_does_not_fit)}, {RUN (bad_vectors_are_einval)},
       {RUN (a_receive_that_brings_nothing_leaves_an_empty_message), ROWS (receivers)},
       {RUN (a_peer_that_comes_back_leaves_nothing_in_the_message)});
