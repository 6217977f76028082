/* zmq_poll: which events it tells, how long it waits, what it refuses; on sockets and on plain descriptors. */
#include "../harness/fill.h"
#include "../harness/raw.h"
#include "../harness/test.h"
#include "../harness/thread.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static long long microseconds (void)
{
    struct timespec now;
    clock_gettime (CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000LL + now.tv_nsec / 1000;
}

static zmq_pollitem_t on_socket (void *socket, short events)
{
    return (zmq_pollitem_t){.socket = socket, .fd = -1, .events = events, .revents = 0x55};
}

static zmq_pollitem_t on_fd (int fd, short events)
{
    return (zmq_pollitem_t){.fd = fd, .events = events, .revents = 0x55};
}

/* One item polled without waiting: its revents, after the count was checked against them. */
static int events_now (zmq_pollitem_t item)
{
    int count = zmq_poll (&item, 1, 0);
    EXPECT_INT (count, item.revents != 0);
    return item.revents;
}

/* ---- time-outs ---- */

static const struct time_out {
    const char *name;
    long milliseconds;
    int sockets, fds;
} time_outs[] = {
    {"0 ms of nothing", 0, 0, 0},     {"0 ms of a socket", 0, 1, 0},       {"1 ms of a socket", 1, 1, 0},
    {"20 ms of nothing", 20, 0, 0},   {"20 ms of a socket", 20, 1, 0},     {"20 ms of a descriptor", 20, 0, 1},
    {"20 ms of both", 20, 1, 1},      {"150 ms of 3 sockets", 150, 3, 0},  {"150 ms of both", 150, 2, 2},
};

/* Never early; and not late but for what the machine's load adds, which the best of some tries shows. */
static void a_time_out_is_exact (void)
{
    const struct time_out *row = test_row ();
    zmq_pollitem_t items[4];
    int count = 0, unused[2];
    EXPECT_OK (pipe (unused));
    for (int i = 0; i < row->sockets; i++)
        items[count++] = on_socket (test_socket (ZMQ_PULL), ZMQ_POLLIN);
    for (int i = 0; i < row->fds; i++)
        items[count++] = on_fd (unused[0], ZMQ_POLLIN);
    long long best = 1000000000;
    for (int i = 0; i < 5; i++) {
        long long start = microseconds ();
        EXPECT_INT (zmq_poll (count ? items : NULL, count, row->milliseconds), 0);
        long long took = microseconds () - start;
        EXPECT (took >= row->milliseconds * 1000);
        best = took < best ? took : best;
    }
    EXPECT (best < row->milliseconds * 1000 + 5000);
    for (int i = 0; i < count; i++)
        EXPECT_INT (items[i].revents, 0);
}

/* What goes on beneath, connections coming and going, neither ends the wait nor makes it longer. */
static void comings_and_goings_do_not_change_the_time_out (void)
{
    void *pull = test_socket (ZMQ_PULL);
    const char *endpoint = test_bind (pull);
    zmq_pollitem_t item = on_socket (pull, ZMQ_POLLIN);
    for (int i = 0; i < 10; i++) {
        void *push = test_socket (ZMQ_PUSH);
        test_connect (push, endpoint);
        long long start = microseconds ();
        EXPECT_INT (zmq_poll (&item, 1, 20), 0);
        EXPECT (microseconds () - start >= 19000); /* libzmq counts whole milliseconds after each waking */
        test_close (push);
    }
}

/* ---- waking up ---- */

static long long poll_without_end (void *item)
{
    return zmq_poll (item, 1, -1);
}

static void a_message_ends_the_wait (void)
{
    void *pull = test_socket (ZMQ_PULL), *push = test_socket (ZMQ_PUSH);
    test_join (pull, push);
    zmq_pollitem_t item = on_socket (pull, ZMQ_POLLIN);
    struct blocked *blocked = blocked_start (poll_without_end, &item);
    SEND (push, "wake up");
    EXPECT_INT (blocked_join (blocked), 1);
    EXPECT_INT (item.revents, ZMQ_POLLIN);
    EXPECT_MSG (pull, "wake up");
}

static void a_peer_ends_the_wait_for_room (void)
{
    void *push = test_socket (ZMQ_PUSH), *pull = test_socket (ZMQ_PULL);
    const char *endpoint = test_bind (push);
    zmq_pollitem_t item = on_socket (push, ZMQ_POLLOUT);
    struct blocked *blocked = blocked_start (poll_without_end, &item);
    test_connect (pull, endpoint);
    EXPECT_INT (blocked_join (blocked), 1);
    EXPECT_INT (item.revents, ZMQ_POLLOUT);
}

static void a_descriptor_ends_the_wait (void)
{
    int ends[2];
    EXPECT_OK (pipe (ends));
    zmq_pollitem_t item = on_fd (ends[0], ZMQ_POLLIN);
    struct blocked *blocked = blocked_start (poll_without_end, &item);
    EXPECT_INT (write (ends[1], "x", 1), 1);
    EXPECT_INT (blocked_join (blocked), 1);
    EXPECT_INT (item.revents, ZMQ_POLLIN);
}

static long long poll_pair_without_end (void *items)
{
    return zmq_poll (items, 2, -1);
}

static void a_descriptor_beside_a_socket_ends_the_wait (void)
{
    int ends[2];
    EXPECT_OK (pipe (ends));
    zmq_pollitem_t items[] = {on_socket (test_socket (ZMQ_PULL), ZMQ_POLLIN), on_fd (ends[0], ZMQ_POLLIN)};
    struct blocked *blocked = blocked_start (poll_pair_without_end, items);
    EXPECT_INT (write (ends[1], "x", 1), 1);
    EXPECT_INT (blocked_join (blocked), 1);
    EXPECT_INT (items[0].revents, 0);
    EXPECT_INT (items[1].revents, ZMQ_POLLIN);
}

/* Woken by each message of many, one at a time: none may be slept through. */
static void no_message_is_slept_through (void)
{
    void *ask = test_socket (ZMQ_PAIR), *answer = test_socket (ZMQ_PAIR);
    test_join (ask, answer);
    for (int i = 0; i < 300; i++) {
        zmq_pollitem_t item = on_socket (i % 2 ? ask : answer, ZMQ_POLLIN);
        SEND (i % 2 ? answer : ask, "x");
        EXPECT_INT (zmq_poll (&item, 1, test_patience ()), 1);
        EXPECT_INT (item.revents, ZMQ_POLLIN);
        EXPECT_MSG (item.socket, "x");
    }
}

/* ---- the events of sockets ---- */

/* Who waits for a reply need not be who asks. */
static void a_reply_ends_the_wait_that_began_before_its_request (void)
{
    void *req = test_socket (ZMQ_REQ), *rep = test_socket (ZMQ_REP);
    test_join (rep, req);
    for (int round = 0; round < 5; round++) {
        zmq_pollitem_t item = on_socket (req, ZMQ_POLLIN);
        struct blocked *waiting = blocked_start (poll_without_end, &item);
        SEND (req, "request");
        EXPECT_MSG (rep, "request");
        EXPECT (blocked_still (waiting));
        SEND (rep, "reply");
        EXPECT_INT (blocked_join (waiting), 1);
        EXPECT_MSG (req, "reply");
    }
}

/* What one thread waits for comes about by what another one does with the same socket. */
static void a_turn_ends_the_wait_of_another_thread (void)
{
    void *req = test_socket (ZMQ_REQ), *rep = test_socket (ZMQ_REP);
    test_join (rep, req);
    for (int round = 0; round < 3; round++) {
        zmq_pollitem_t answering = on_socket (rep, ZMQ_POLLOUT), asking = on_socket (req, ZMQ_POLLOUT);
        zmq_pollitem_t asked = on_socket (rep, ZMQ_POLLIN);
        struct blocked *waiting = blocked_start (poll_without_end, &answering);
        SEND (req, "request");
        EXPECT_MSG (rep, "request");
        EXPECT_INT (blocked_join (waiting), 1);
        waiting = blocked_start (poll_without_end, &asking);
        struct blocked *serving = blocked_start (poll_without_end, &asked);
        SEND (rep, "reply");
        EXPECT_MSG (req, "reply");
        EXPECT_INT (blocked_join (waiting), 1);
        EXPECT (blocked_still (serving));
        SEND (req, "another");
        EXPECT_INT (blocked_join (serving), 1);
        EXPECT_MSG (rep, "another");
        SEND (rep, "reply");
        EXPECT_MSG (req, "reply");
    }
}

static void events_are_told_as_long_as_they_hold (void)
{
    void *a = test_socket (ZMQ_PAIR), *b = test_socket (ZMQ_PAIR);
    test_join (a, b);
    WAIT_EVENTS (a, ZMQ_POLLOUT);
    EXPECT_INT (events_now (on_socket (a, ZMQ_POLLIN)), 0);
    EXPECT_INT (events_now (on_socket (a, ZMQ_POLLOUT)), ZMQ_POLLOUT);
    EXPECT_INT (events_now (on_socket (a, ZMQ_POLLIN | ZMQ_POLLOUT)), ZMQ_POLLOUT);
    SEND (b, "1");
    SEND (b, "2");
    WAIT_EVENTS (a, ZMQ_POLLIN);
    for (int i = 0; i < 3; i++) /* level-triggered */
        EXPECT_INT (events_now (on_socket (a, ZMQ_POLLIN | ZMQ_POLLOUT)), ZMQ_POLLIN | ZMQ_POLLOUT);
    EXPECT_INT (events_now (on_socket (a, ZMQ_POLLOUT)), ZMQ_POLLOUT);
    EXPECT_MSG (a, "1");
    WAIT_EVENTS (a, ZMQ_POLLIN);
    EXPECT_INT (events_now (on_socket (a, ZMQ_POLLIN)), ZMQ_POLLIN);
    EXPECT_MSG (a, "2");
    EXPECT_INT (events_now (on_socket (a, ZMQ_POLLIN)), 0);
}

static void what_is_not_asked_is_not_told (void)
{
    void *a = test_socket (ZMQ_PAIR), *b = test_socket (ZMQ_PAIR);
    test_join (a, b);
    SEND (b, "x");
    WAIT_EVENTS (a, ZMQ_POLLIN | ZMQ_POLLOUT);
    EXPECT_INT (events_now (on_socket (a, 0)), 0);
    EXPECT_INT (events_now (on_socket (a, ZMQ_POLLERR)), 0);
    EXPECT_INT (events_now (on_socket (a, ZMQ_POLLPRI)), 0);
    EXPECT_INT (events_now (on_socket (a, ZMQ_POLLERR | ZMQ_POLLIN)), ZMQ_POLLIN);
}

static void a_request_turns_the_events_of_both_ends (void)
{
    void *req = test_socket (ZMQ_REQ), *rep = test_socket (ZMQ_REP);
    short both = ZMQ_POLLIN | ZMQ_POLLOUT;
    test_join (req, rep);
    WAIT_EVENTS (req, ZMQ_POLLOUT);
    EXPECT_INT (events_now (on_socket (req, both)), ZMQ_POLLOUT);
    EXPECT_INT (events_now (on_socket (rep, both)), 0);
    SEND (req, "question");
    EXPECT_INT (events_now (on_socket (req, both)), 0);
    WAIT_EVENTS (rep, ZMQ_POLLIN);
    EXPECT_INT (events_now (on_socket (rep, both)), ZMQ_POLLIN);
    EXPECT_MSG (rep, "question");
    EXPECT_INT (events_now (on_socket (rep, both)), ZMQ_POLLOUT);
    SEND (rep, "answer");
    EXPECT_INT (events_now (on_socket (rep, both)), 0);
    WAIT_EVENTS (req, ZMQ_POLLIN);
    EXPECT_INT (events_now (on_socket (req, both)), ZMQ_POLLIN);
    EXPECT_MSG (req, "answer");
    EXPECT_INT (events_now (on_socket (req, both)), ZMQ_POLLOUT);
}

static void a_full_socket_has_no_room (void)
{
    void *push = test_socket (ZMQ_PUSH), *pull = test_socket (ZMQ_PULL);
    test_set_int (push, ZMQ_SNDHWM, 1);
    test_set_int (pull, ZMQ_RCVHWM, 1);
    test_join (push, pull);
    WAIT_EVENTS (push, ZMQ_POLLOUT);
    fill_to_the_brim (push);
    EXPECT_INT (events_now (on_socket (push, ZMQ_POLLOUT)), 0);
    zmq_pollitem_t item = on_socket (push, ZMQ_POLLOUT);
    /* What is under way arrives bit by bit: there is room when enough of it was taken. */
    WAIT_UNTIL ((test_drain (pull), zmq_poll (&item, 1, 1)) == 1);
}

static void many_items_are_told_apart (void)
{
    enum { PAIRS = 100 };
    void *push[PAIRS];
    zmq_pollitem_t items[PAIRS];
    for (int i = 0; i < PAIRS; i++) {
        push[i] = test_socket (ZMQ_PUSH);
        items[i] = on_socket (test_socket (ZMQ_PULL), ZMQ_POLLIN);
        test_join (items[i].socket, push[i]);
    }
    for (int i = 0; i < PAIRS; i += 7) {
        SEND (push[i], "x");
        WAIT_EVENTS (items[i].socket, ZMQ_POLLIN);
    }
    EXPECT_INT (zmq_poll (items, PAIRS, test_patience ()), (PAIRS + 6) / 7);
    for (int i = 0; i < PAIRS; i++)
        EXPECT_INT (items[i].revents, i % 7 ? 0 : ZMQ_POLLIN);
}

static void an_item_may_be_there_twice (void)
{
    void *a = test_socket (ZMQ_PAIR), *b = test_socket (ZMQ_PAIR);
    test_join (a, b);
    SEND (b, "x");
    WAIT_EVENTS (a, ZMQ_POLLIN | ZMQ_POLLOUT);
    zmq_pollitem_t items[] = {on_socket (a, ZMQ_POLLIN), on_socket (a, ZMQ_POLLIN), on_socket (a, ZMQ_POLLOUT)};
    EXPECT_INT (zmq_poll (items, 3, 0), 3);
    EXPECT_INT (items[0].revents, ZMQ_POLLIN);
    EXPECT_INT (items[1].revents, ZMQ_POLLIN);
    EXPECT_INT (items[2].revents, ZMQ_POLLOUT);
}

/* ---- the events of plain descriptors ---- */

static void descriptors_tell_reading_and_writing (void)
{
    int ends[2];
    EXPECT_OK (socketpair (AF_UNIX, SOCK_STREAM, 0, ends));
    EXPECT_INT (events_now (on_fd (ends[0], ZMQ_POLLIN)), 0);
    EXPECT_INT (events_now (on_fd (ends[0], ZMQ_POLLIN | ZMQ_POLLOUT)), ZMQ_POLLOUT);
    EXPECT_INT (write (ends[1], "x", 1), 1);
    EXPECT_INT (events_now (on_fd (ends[0], ZMQ_POLLIN)), ZMQ_POLLIN);
    EXPECT_INT (events_now (on_fd (ends[0], ZMQ_POLLIN | ZMQ_POLLOUT)), ZMQ_POLLIN | ZMQ_POLLOUT);
    EXPECT_INT (events_now (on_fd (ends[0], 0)), 0);
}

static void a_descriptor_tells_urgent_data (void)
{
    char endpoint[64];
    int listener = raw_listen (endpoint, sizeof endpoint), a = raw_connect (endpoint), b = raw_accept (listener);
    EXPECT_INT (send (a, "!", 1, MSG_OOB), 1);
    zmq_pollitem_t item = on_fd (b, ZMQ_POLLPRI);
    EXPECT_INT (zmq_poll (&item, 1, test_patience ()), 1);
    EXPECT_INT (item.revents, ZMQ_POLLPRI);
}

static void a_hung_up_descriptor_is_an_error (void)
{
    int ends[2];
    EXPECT_OK (pipe (ends));
    close (ends[1]);
    EXPECT (events_now (on_fd (ends[0], ZMQ_POLLIN)) & ZMQ_POLLERR);
}

static void a_bad_descriptor_is_an_error_that_counts (void)
{
    int bad = dup (0);
    close (bad);
    EXPECT_INT (events_now (on_fd (bad, ZMQ_POLLIN)), ZMQ_POLLERR);
    EXPECT_INT (events_now (on_fd (bad, ZMQ_POLLOUT)), ZMQ_POLLERR);
}

static void a_negative_descriptor_is_ignored (void)
{
    EXPECT_INT (events_now (on_fd (-1, ZMQ_POLLIN | ZMQ_POLLOUT)), 0);
}

static void a_socket_hides_the_descriptor_of_its_item (void)
{
    int ends[2];
    EXPECT_OK (pipe (ends));
    EXPECT_INT (write (ends[1], "x", 1), 1);
    zmq_pollitem_t item = on_socket (test_socket (ZMQ_PULL), ZMQ_POLLIN);
    item.fd = ends[0];
    EXPECT_INT (events_now (item), 0);
}

static void sockets_and_descriptors_are_polled_together (void)
{
    void *a = test_socket (ZMQ_PAIR), *b = test_socket (ZMQ_PAIR);
    int full[2], empty[2];
    test_join (a, b);
    EXPECT_OK (pipe (full));
    EXPECT_OK (pipe (empty));
    EXPECT_INT (write (full[1], "x", 1), 1);
    SEND (b, "x");
    WAIT_EVENTS (a, ZMQ_POLLIN);
    zmq_pollitem_t items[] = {on_fd (empty[0], ZMQ_POLLIN), on_socket (a, ZMQ_POLLIN), on_fd (full[0], ZMQ_POLLIN),
                              on_socket (b, ZMQ_POLLIN), on_fd (-1, ZMQ_POLLIN), on_fd (full[1], ZMQ_POLLOUT)};
    static const short expected[] = {0, ZMQ_POLLIN, ZMQ_POLLIN, 0, 0, ZMQ_POLLOUT};
    EXPECT_INT (zmq_poll (items, 6, test_patience ()), 3);
    for (int i = 0; i < 6; i++)
        EXPECT_INT (items[i].revents, expected[i]);
}

/* ---- what is refused ---- */

static void poll_refuses_what_is_no_list (void)
{
    zmq_pollitem_t item = on_socket (test_socket (ZMQ_PULL), ZMQ_POLLIN);
    EXPECT_ERRNO (zmq_poll (NULL, 1, 0), EFAULT);
    EXPECT_ERRNO (zmq_poll (&item, -1, 0), EINVAL);
}

static void poll_refuses_what_is_no_socket (void)
{
    zmq_pollitem_t items[] = {on_socket (test_socket (ZMQ_PULL), ZMQ_POLLIN),
                              on_socket (test_keep (calloc (1, 4096)), ZMQ_POLLIN)};
    EXPECT_ERRNO (zmq_poll (items, 2, 0), ENOTSOCK);
    EXPECT_ERRNO (zmq_poll (items, 2, -1), ENOTSOCK);
}

TESTS ({RUN (a_time_out_is_exact), ROWS (time_outs)},
       {RUN (comings_and_goings_do_not_change_the_time_out), EACH_TRANSPORT}, {RUN (a_message_ends_the_wait), EACH_WAY},
       {RUN (a_peer_ends_the_wait_for_room), EACH_TRANSPORT}, {RUN (a_descriptor_ends_the_wait)},
       {RUN (a_descriptor_beside_a_socket_ends_the_wait)}, {RUN (no_message_is_slept_through), EACH_TRANSPORT},
       {RUN (a_reply_ends_the_wait_that_began_before_its_request), EACH_WAY},
       {RUN (a_turn_ends_the_wait_of_another_thread), EACH_WAY, BETTER ("libzmq leaves such sharing undefined")},
       {RUN (events_are_told_as_long_as_they_hold), EACH_TRANSPORT}, {RUN (what_is_not_asked_is_not_told)},
       {RUN (a_request_turns_the_events_of_both_ends), EACH_TRANSPORT}, {RUN (a_full_socket_has_no_room), EACH_WAY},
       {RUN (many_items_are_told_apart), EACH_TRANSPORT}, {RUN (an_item_may_be_there_twice)},
       {RUN (descriptors_tell_reading_and_writing)}, {RUN (a_descriptor_tells_urgent_data)},
       {RUN (a_hung_up_descriptor_is_an_error)}, {RUN (a_bad_descriptor_is_an_error_that_counts)},
       {RUN (a_negative_descriptor_is_ignored)}, {RUN (a_socket_hides_the_descriptor_of_its_item)},
       {RUN (sockets_and_descriptors_are_polled_together)}, {RUN (poll_refuses_what_is_no_list)},
       {RUN (poll_refuses_what_is_no_socket)});
