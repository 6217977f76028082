/* ZMQ_FD and ZMQ_EVENTS, as event loops use them: the descriptor becomes readable when something may have changed,
 * ZMQ_EVENTS says what holds. A loop that reads ZMQ_EVENTS until there is nothing left for it to do, and only then
 * waits for the descriptor, must never stall and never spin; with poll(2), with epoll, and with edge-triggered epoll.
 */
#include "../harness/fill.h"
#include "../harness/test.h"
#include "../harness/thread.h"

#include <poll.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

static int descriptor (void *socket)
{
    return test_get_int (socket, ZMQ_FD);
}

static bool is_readable (int fd, int timeout_ms)
{
    struct pollfd item = {fd, POLLIN, 0};
    int ready = poll (&item, 1, timeout_ms);
    EXPECT_OK (ready);
    return ready == 1;
}

/* ---- the contract, step by step ---- */

static void every_socket_has_one_descriptor_for_life (void)
{
    void *a = test_socket (ZMQ_PAIR), *b = test_socket (ZMQ_PAIR);
    int fd = descriptor (a);
    EXPECT (fd >= 0);
    EXPECT (fd != descriptor (b));
    test_join (a, b);
    SEND (b, "x");
    EXPECT_MSG (a, "x");
    EXPECT_INT (descriptor (a), fd);
}

static void a_message_makes_it_readable_until_the_events_are_read (void)
{
    void *pull = test_socket (ZMQ_PULL), *push = test_socket (ZMQ_PUSH);
    int fd = descriptor (pull);
    test_join (pull, push);
    for (int i = 0; i < 20; i++) {
        while (is_readable (fd, 0)) /* the peer's attachment, and the end of the last round */
            EXPECT_INT (test_events (pull) & ZMQ_POLLIN, 0);
        SEND (push, "x");
        while (!(test_events (pull) & ZMQ_POLLIN))
            EXPECT (is_readable (fd, test_patience ()));
        EXPECT_MSG (pull, "x");
    }
}

/* A loop may ask for the descriptor late, and wait for it before it reads ZMQ_EVENTS for the first time. */
static void what_came_before_it_was_asked_for_makes_it_readable (void)
{
    void *pull = test_socket (ZMQ_PULL), *push = test_socket (ZMQ_PUSH);
    test_connect (push, test_bind (pull));
    SEND (push, "x");
    while (!(EXPECT (is_readable (descriptor (pull), test_patience ())), test_events (pull) & ZMQ_POLLIN))
        ;
    EXPECT_MSG (pull, "x");
}

static void nothing_to_do_means_nothing_to_read (void)
{
    void *a = test_socket (ZMQ_PAIR), *b = test_socket (ZMQ_PAIR);
    test_join (a, b);
    for (int i = 0; i < 10; i++) {
        SEND (a, "x|y");
        EXPECT_MSG (b, "x|y");
        SEND (b, "z");
        EXPECT_MSG (a, "z");
    }
    int quiet = 0; /* once the connection's last stirrings are over it stays quiet: a loop can sleep */
    WAIT_UNTIL ((test_events (a), quiet = is_readable (descriptor (a), 60) ? 0 : quiet + 1) >= 3);
    EXPECT_INT (test_events (a), ZMQ_POLLOUT);
}

static void room_for_a_message_makes_it_readable (void)
{
    void *push = test_socket (ZMQ_PUSH), *pull = test_socket (ZMQ_PULL);
    test_set_int (push, ZMQ_SNDHWM, 2);
    test_set_int (pull, ZMQ_RCVHWM, 2);
    test_join (push, pull);
    WAIT_EVENTS (push, ZMQ_POLLOUT);
    fill_to_the_brim (push);
    EXPECT_INT (test_events (push), 0);
    test_drain (pull);
    while (!(test_events (push) & ZMQ_POLLOUT)) {
        EXPECT (is_readable (descriptor (push), test_patience ()));
        test_drain (pull);
    }
}

static void a_peer_that_comes_makes_it_readable (void)
{
    void *push = test_socket (ZMQ_PUSH), *pull = test_socket (ZMQ_PULL);
    const char *endpoint = test_bind (push);
    EXPECT_INT (test_events (push), 0);
    test_connect (pull, endpoint);
    while (!(test_events (push) & ZMQ_POLLOUT))
        EXPECT (is_readable (descriptor (push), test_patience ()));
}

static void the_end_of_the_context_makes_it_readable (void)
{
    void *pull = test_socket (ZMQ_PULL);
    int fd = descriptor (pull);
    test_events (pull);
    EXPECT_OK (zmq_ctx_shutdown (test_context ()));
    EXPECT (is_readable (fd, test_patience ()));
    int events;
    size_t size = sizeof events;
    EXPECT_ERRNO (zmq_getsockopt (pull, ZMQ_EVENTS, &events, &size), ETERM);
}

/* ---- event loops ---- */

/* What a socket has to do in a loop: numbered messages, out and in. */
struct worker {
    void *socket;
    int fd;
    int to_send, sent;
    int to_receive, received;
};

static struct worker make_worker (int type, int to_send, int to_receive)
{
    struct worker worker = {.socket = test_socket (type), .to_send = to_send, .to_receive = to_receive};
    test_set_int (worker.socket, ZMQ_SNDHWM, 10); /* so that it is full again and again */
    test_set_int (worker.socket, ZMQ_RCVHWM, 10);
    worker.fd = descriptor (worker.socket);
    return worker;
}

static bool is_done (const struct worker *worker)
{
    return worker->sent == worker->to_send && worker->received == worker->to_receive;
}

/* Does all that can be done now, and stops with ZMQ_EVENTS freshly read and nothing in them that is wanted. */
static void work (struct worker *worker)
{
    for (;;) {
        int events = test_events (worker->socket), number;
        if (events & ZMQ_POLLIN && worker->received < worker->to_receive) {
            EXPECT_INT (zmq_recv (worker->socket, &number, sizeof number, ZMQ_DONTWAIT), sizeof number);
            EXPECT_INT (number, worker->received++);
        } else if (events & ZMQ_POLLOUT && worker->sent < worker->to_send) {
            number = worker->sent++;
            EXPECT_INT (zmq_send (worker->socket, &number, sizeof number, ZMQ_DONTWAIT), sizeof number);
        } else
            return;
    }
}

enum loop { POLL, EPOLL, EPOLL_EDGE };

static void stalled (const struct worker *worker, const char *loop)
{
    test_fail (__FILE__, __LINE__, "stalled in %s: %d of %d sent, %d of %d received, ZMQ_EVENTS %d", loop,
               worker->sent, worker->to_send, worker->received, worker->to_receive, test_events (worker->socket));
}

/* The loop proper for one worker: sleeps until its descriptor says that something may have changed. */
static void run_poll (struct worker *worker)
{
    for (work (worker); !is_done (worker); work (worker))
        if (!is_readable (worker->fd, test_patience ()))
            stalled (worker, "poll");
}

static void run_epoll (struct worker *worker, unsigned edge)
{
    int set = epoll_create1 (0);
    struct epoll_event event = {.events = EPOLLIN | edge};
    EXPECT_OK (set);
    EXPECT_OK (epoll_ctl (set, EPOLL_CTL_ADD, worker->fd, &event));
    for (work (worker); !is_done (worker); work (worker)) {
        int ready = epoll_wait (set, &event, 1, test_patience ());
        EXPECT_OK (ready);
        if (ready == 0)
            stalled (worker, edge ? "edge-triggered epoll" : "epoll");
    }
    close (set);
}

static const struct traffic {
    const char *name;
    enum loop loop;
    int type, with;
    bool out, in; /* the directions, seen from the first */
} traffic[] = {
    {"poll DEALER", POLL, ZMQ_DEALER, ZMQ_DEALER, true, true},
    {"poll REQ", POLL, ZMQ_REQ, ZMQ_REP, true, true},
    {"poll PUSH", POLL, ZMQ_PUSH, ZMQ_PULL, true, false},
    {"epoll DEALER", EPOLL, ZMQ_DEALER, ZMQ_DEALER, true, true},
    {"epoll REQ", EPOLL, ZMQ_REQ, ZMQ_REP, true, true},
    {"epoll PUSH", EPOLL, ZMQ_PUSH, ZMQ_PULL, true, false},
    {"edge DEALER", EPOLL_EDGE, ZMQ_DEALER, ZMQ_DEALER, true, true},
    {"edge REQ", EPOLL_EDGE, ZMQ_REQ, ZMQ_REP, true, true},
    {"edge PUSH", EPOLL_EDGE, ZMQ_PUSH, ZMQ_PULL, true, false},
};

enum { MESSAGES = 1500 };

static void make_workers (const struct traffic *row, struct worker workers[2])
{
    int out = row->out ? MESSAGES : 0, in = row->in ? MESSAGES : 0;
    workers[0] = make_worker (row->type, out, in);
    workers[1] = make_worker (row->with, in, out);
    test_join (workers[0].socket, workers[1].socket);
}

static long long run_loop (void *argument)
{
    const struct traffic *row = test_row ();
    if (row->loop == POLL)
        run_poll (argument);
    else
        run_epoll (argument, row->loop == EPOLL_EDGE ? EPOLLET : 0);
    return 0;
}

static void two_loops_in_two_threads_never_stall (void)
{
    struct worker workers[2];
    make_workers (test_row (), workers);
    struct blocked *other = blocked_start (run_loop, &workers[1]); /* it has to wait for the first at once */
    run_loop (&workers[0]);
    EXPECT_INT (blocked_join (other), 0);
}

/* Both sockets in one loop, on one thread, as in a program of one event loop. */
static void two_sockets_in_one_loop_never_stall (void)
{
    const struct traffic *row = test_row ();
    struct worker workers[2];
    struct epoll_event event;
    unsigned edge = row->loop == EPOLL_EDGE ? EPOLLET : 0;
    int set = epoll_create1 (0);
    EXPECT_OK (set);
    make_workers (row, workers);
    for (int i = 0; i < 2; i++) {
        event = (struct epoll_event){.events = EPOLLIN | edge, .data.u32 = (uint32_t) i};
        EXPECT_OK (epoll_ctl (set, EPOLL_CTL_ADD, workers[i].fd, &event));
        work (&workers[i]);
    }
    while (!is_done (&workers[0]) || !is_done (&workers[1])) {
        if (row->loop == POLL) {
            struct pollfd items[] = {{workers[0].fd, POLLIN, 0}, {workers[1].fd, POLLIN, 0}};
            if (poll (items, 2, test_patience ()) < 1)
                stalled (&workers[0], "poll");
            event.data.u32 = items[0].revents ? 0 : 1;
        } else if (epoll_wait (set, &event, 1, test_patience ()) < 1)
            stalled (&workers[0], "epoll");
        work (&workers[event.data.u32]);
    }
    close (set);
}

/* Subscriptions come in and messages go out by the descriptor too. */
static void a_publisher_in_a_loop_learns_its_subscriptions (void)
{
    void *xpub = test_socket (ZMQ_XPUB), *sub = test_socket (ZMQ_SUB);
    test_connect (sub, test_bind (xpub));
    for (int i = 0; i < 50; i++) {
        int option = i % 2 ? ZMQ_UNSUBSCRIBE : ZMQ_SUBSCRIBE;
        test_set_text (sub, option, "topic");
        while (!(test_events (xpub) & ZMQ_POLLIN))
            EXPECT (is_readable (descriptor (xpub), test_patience ()));
        EXPECT_MSG (xpub, i % 2 ? "<00>topic" : "<01>topic");
        if (i % 2)
            continue;
        SEND (xpub, "topic|x");
        while (!(test_events (sub) & ZMQ_POLLIN))
            EXPECT (is_readable (descriptor (sub), test_patience ()));
        EXPECT_MSG (sub, "topic|x");
    }
}

TESTS ({RUN (every_socket_has_one_descriptor_for_life), EACH_TRANSPORT},
       {RUN (a_message_makes_it_readable_until_the_events_are_read), EACH_WAY},
       {RUN (what_came_before_it_was_asked_for_makes_it_readable), EACH_TRANSPORT},
       {RUN (nothing_to_do_means_nothing_to_read), EACH_WAY}, {RUN (room_for_a_message_makes_it_readable), EACH_WAY},
       {RUN (a_peer_that_comes_makes_it_readable), EACH_TRANSPORT}, {RUN (the_end_of_the_context_makes_it_readable)},
       {RUN (two_loops_in_two_threads_never_stall), ROWS (traffic), EACH_TRANSPORT},
       {RUN (two_sockets_in_one_loop_never_stall), ROWS (traffic), EACH_TRANSPORT},
       {RUN (a_publisher_in_a_loop_learns_its_subscriptions), EACH_TRANSPORT});
