/* Contexts: making, asking, setting, shutting down, terminating, and how many sockets one holds. */
#include "../harness/test.h"
#include "../harness/thread.h"

#include <limits.h>
#include <stdint.h>
#include <stdlib.h>

/* ---- making and ending ---- */

static void a_context_without_sockets_ends_at_once (void)
{
    void *context = zmq_ctx_new ();
    EXPECT (context != NULL);
    EXPECT_INT (zmq_ctx_term (context), 0);
}

static void the_older_names_make_and_end_contexts (void)
{
    void *context = zmq_init (2);
    EXPECT (context != NULL);
    EXPECT_INT (zmq_ctx_get (context, ZMQ_IO_THREADS), 2);
    EXPECT_INT (zmq_term (context), 0);
    context = zmq_init (0);
    EXPECT (context != NULL);
    EXPECT_INT (zmq_ctx_destroy (context), 0);
}

static void init_refuses_a_negative_number_of_threads (void)
{
    errno = 0;
    EXPECT (zmq_init (-1) == NULL);
    EXPECT_INT (errno, EINVAL);
}

static void calls_without_a_context_are_efault (void)
{
    EXPECT_ERRNO (zmq_ctx_term (NULL), EFAULT);
    EXPECT_ERRNO (zmq_term (NULL), EFAULT);
    EXPECT_ERRNO (zmq_ctx_destroy (NULL), EFAULT);
    EXPECT_ERRNO (zmq_ctx_shutdown (NULL), EFAULT);
    EXPECT_ERRNO (zmq_ctx_set (NULL, ZMQ_IO_THREADS, 1), EFAULT);
    EXPECT_ERRNO (zmq_ctx_get (NULL, ZMQ_IO_THREADS), EFAULT);
    errno = 0;
    EXPECT (zmq_socket (NULL, ZMQ_REQ) == NULL);
    EXPECT_INT (errno, EFAULT);
}

static void something_else_is_not_a_context (void)
{
    void *memory = test_keep (calloc (1, 4096));
    EXPECT_ERRNO (zmq_ctx_term (memory), EFAULT);
    EXPECT_ERRNO (zmq_ctx_shutdown (memory), EFAULT);
    EXPECT_ERRNO (zmq_ctx_set (memory, ZMQ_IO_THREADS, 1), EFAULT);
    EXPECT_ERRNO (zmq_ctx_get (memory, ZMQ_IO_THREADS), EFAULT);
    errno = 0;
    EXPECT (zmq_socket (memory, ZMQ_REQ) == NULL);
    EXPECT_INT (errno, EFAULT);
    void *socket = test_socket (ZMQ_REQ);
    EXPECT_ERRNO (zmq_ctx_term (socket), EFAULT);
}

static void contexts_know_nothing_of_each_other (void)
{
    void *other = zmq_ctx_new ();
    void *a = test_socket (ZMQ_PAIR), *b = test_socket_in (other, ZMQ_PAIR), *c = test_socket_in (other, ZMQ_PAIR);
    EXPECT_OK (zmq_bind (a, "inproc://same"));
    EXPECT_OK (zmq_bind (b, "inproc://same"));
    EXPECT_OK (zmq_connect (c, "inproc://same"));
    SEND (c, "to b");
    EXPECT_MSG (b, "to b");
    EXPECT_ERRNO (zmq_recv (a, NULL, 0, ZMQ_DONTWAIT), EAGAIN);
    EXPECT_OK (zmq_ctx_shutdown (other));
    EXPECT_ERRNO (zmq_recv (b, NULL, 0, 0), ETERM);
    EXPECT_ERRNO (zmq_recv (a, NULL, 0, ZMQ_DONTWAIT), EAGAIN);
    test_close (b);
    test_close (c);
    EXPECT_OK (zmq_ctx_term (other));
}

/* ---- options ---- */

static const struct preset {
    const char *name;
    int option, value;
} presets[] = {
    {"IO_THREADS", ZMQ_IO_THREADS, 1},
    {"MAX_SOCKETS", ZMQ_MAX_SOCKETS, 1023},
    {"SOCKET_LIMIT", ZMQ_SOCKET_LIMIT, 65535},
    {"MAX_MSGSZ", ZMQ_MAX_MSGSZ, INT_MAX},
    {"MSG_T_SIZE", ZMQ_MSG_T_SIZE, 64},
    {"IPV6", ZMQ_IPV6, 0},
    {"BLOCKY", ZMQ_BLOCKY, 1},
    {"THREAD_NAME_PREFIX", ZMQ_THREAD_NAME_PREFIX, 0},
};

static void a_context_starts_with_the_documented_values (void)
{
    const struct preset *row = test_row ();
    EXPECT_INT (zmq_ctx_get (test_context (), row->option), row->value);
}

static const struct assignment {
    const char *name;
    int option, value;
    int read; /* what is read afterwards; UNREADABLE: EINVAL; REFUSED: setting is EINVAL */
} assignments[] = {
#define UNREADABLE (-2)
#define REFUSED (-3)
    {"IO_THREADS 4", ZMQ_IO_THREADS, 4, 4},
    {"IO_THREADS 0", ZMQ_IO_THREADS, 0, 0},
    {"IO_THREADS -1", ZMQ_IO_THREADS, -1, REFUSED},
    {"MAX_SOCKETS 1", ZMQ_MAX_SOCKETS, 1, 1},
    {"MAX_SOCKETS 0", ZMQ_MAX_SOCKETS, 0, REFUSED},
    {"MAX_SOCKETS -1", ZMQ_MAX_SOCKETS, -1, REFUSED},
    {"MAX_MSGSZ 1000", ZMQ_MAX_MSGSZ, 1000, 1000},
    {"MAX_MSGSZ -1", ZMQ_MAX_MSGSZ, -1, REFUSED},
    {"MSG_T_SIZE 64", ZMQ_MSG_T_SIZE, 64, REFUSED},
    {"IPV6 1", ZMQ_IPV6, 1, 1},
    {"IPV6 -1", ZMQ_IPV6, -1, REFUSED},
    {"BLOCKY 0", ZMQ_BLOCKY, 0, 0},
    {"BLOCKY -1", ZMQ_BLOCKY, -1, REFUSED},
    {"THREAD_PRIORITY -1", ZMQ_THREAD_PRIORITY, -1, REFUSED},
    {"THREAD_SCHED_POLICY -1", ZMQ_THREAD_SCHED_POLICY, -1, REFUSED},
    {"THREAD_AFFINITY_CPU_ADD 0", ZMQ_THREAD_AFFINITY_CPU_ADD, 0, UNREADABLE},
    {"THREAD_AFFINITY_CPU_ADD -1", ZMQ_THREAD_AFFINITY_CPU_ADD, -1, REFUSED},
    {"THREAD_AFFINITY_CPU_REMOVE 5", ZMQ_THREAD_AFFINITY_CPU_REMOVE, 5, REFUSED},
    {"THREAD_NAME_PREFIX 7", ZMQ_THREAD_NAME_PREFIX, 7, 7},
    {"unknown", 4711, 1, REFUSED},
};

static void context_options_are_checked_and_kept (void)
{
    const struct assignment *row = test_row ();
    if (row->read == REFUSED) {
        EXPECT_ERRNO (zmq_ctx_set (test_context (), row->option, row->value), EINVAL);
        return;
    }
    EXPECT_INT (zmq_ctx_set (test_context (), row->option, row->value), 0);
    if (row->read == UNREADABLE)
        EXPECT_ERRNO (zmq_ctx_get (test_context (), row->option), EINVAL);
    else
        EXPECT_INT (zmq_ctx_get (test_context (), row->option), row->read);
}

static void an_unknown_context_option_cannot_be_read (void)
{
    EXPECT_ERRNO (zmq_ctx_get (test_context (), 4711), EINVAL);
    EXPECT_ERRNO (zmq_ctx_get (test_context (), -1), EINVAL);
    EXPECT_ERRNO (zmq_ctx_get (test_context (), ZMQ_THREAD_AFFINITY_CPU_REMOVE), EINVAL);
}

static void ipv6_of_the_context_is_the_sockets_default (void)
{
    void *before = test_socket (ZMQ_DEALER);
    EXPECT_OK (zmq_ctx_set (test_context (), ZMQ_IPV6, 1));
    EXPECT_INT (test_get_int (test_socket (ZMQ_DEALER), ZMQ_IPV6), 1);
    EXPECT_INT (test_get_int (before, ZMQ_IPV6), 0);
}

static void blocky_off_makes_linger_zero (void)
{
    void *blocky = zmq_socket (test_context (), ZMQ_PUSH);
    EXPECT_OK (zmq_ctx_set (test_context (), ZMQ_BLOCKY, 0));
    void *other = zmq_socket (test_context (), ZMQ_PUSH);
    EXPECT_INT (test_get_int (blocky, ZMQ_LINGER), -1);
    EXPECT_INT (test_get_int (other, ZMQ_LINGER), 0);
    EXPECT_OK (zmq_close (blocky));
    EXPECT_OK (zmq_close (other));
}

static void without_io_threads_there_is_inproc_alone (void)
{
    EXPECT_OK (zmq_ctx_set (test_context (), ZMQ_IO_THREADS, 0));
    void *a = test_socket (ZMQ_PAIR), *b = test_socket (ZMQ_PAIR);
    EXPECT_ERRNO (zmq_bind (a, "tcp://127.0.0.1:*"), EMTHREAD);
    EXPECT_ERRNO (zmq_connect (a, "tcp://127.0.0.1:9"), EMTHREAD);
    EXPECT_ERRNO (zmq_bind (a, "ipc://@nobody-gets-here"), EMTHREAD);
    test_join (a, b);
    SEND (a, "inproc");
    EXPECT_MSG (b, "inproc");
}

static void an_affinity_to_no_thread_is_emthread (void)
{
    void *socket = test_socket (ZMQ_PAIR);
    uint64_t second_thread = 2;
    EXPECT_OK (zmq_setsockopt (socket, ZMQ_AFFINITY, &second_thread, sizeof second_thread));
    EXPECT_ERRNO (zmq_bind (socket, "tcp://127.0.0.1:*"), EMTHREAD);
}

static void several_io_threads_serve_all_sockets (void)
{
    enum { PAIRS = 20 };
    EXPECT_OK (zmq_ctx_set (test_context (), ZMQ_IO_THREADS, 4));
    void *push[PAIRS], *pull[PAIRS];
    for (int i = 0; i < PAIRS; i++) {
        push[i] = test_socket (ZMQ_PUSH);
        pull[i] = test_socket (ZMQ_PULL);
        test_join (push[i], pull[i]);
    }
    for (int i = 0; i < PAIRS; i++)
        SEND (push[i], "a|b");
    for (int i = PAIRS; i-- > 0;)
        EXPECT_MSG (pull[i], "a|b");
}

/* ---- how many sockets ---- */

static void max_sockets_is_exact_and_a_closed_one_makes_room (void)
{
    enum { MOST = 5 };
    void *sockets[MOST], *next = NULL;
    EXPECT_OK (zmq_ctx_set (test_context (), ZMQ_MAX_SOCKETS, MOST));
    for (int i = 0; i < MOST; i++) {
        sockets[i] = zmq_socket (test_context (), ZMQ_DEALER);
        EXPECT (sockets[i] != NULL);
    }
    errno = 0;
    EXPECT (zmq_socket (test_context (), ZMQ_DEALER) == NULL);
    EXPECT_INT (errno, EMFILE);
    EXPECT_OK (zmq_close (sockets[0]));
    WAIT_UNTIL ((next = zmq_socket (test_context (), ZMQ_DEALER)) != NULL);
    EXPECT_OK (zmq_close (next));
    for (int i = 1; i < MOST; i++)
        EXPECT_OK (zmq_close (sockets[i]));
}

static void an_unknown_socket_type_is_einval (void)
{
    static const int types[] = {-1, 21, 99, INT_MAX};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        errno = 0;
        EXPECT (zmq_socket (test_context (), types[i]) == NULL);
        EXPECT_INT (errno, EINVAL);
    }
}

/* ---- shutting down ---- */

static void shutdown_makes_every_call_fail_but_close (void)
{
    void *socket = test_socket (ZMQ_DEALER), *other = test_socket (ZMQ_DEALER);
    test_join (socket, other);
    SEND (other, "waiting");
    int number = 0;
    size_t size = sizeof number;
    zmq_pollitem_t item = {socket, 0, ZMQ_POLLIN, 0};
    zmq_msg_t message;
    zmq_msg_init (&message);
    EXPECT_INT (zmq_ctx_shutdown (test_context ()), 0);
    EXPECT_ERRNO (zmq_send (socket, "", 0, 0), ETERM);
    EXPECT_ERRNO (zmq_send (socket, "", 0, ZMQ_DONTWAIT), ETERM);
    EXPECT_ERRNO (zmq_msg_send (&message, socket, 0), ETERM);
    EXPECT_ERRNO (zmq_recv (socket, NULL, 0, 0), ETERM);
    EXPECT_ERRNO (zmq_recv (socket, NULL, 0, ZMQ_DONTWAIT), ETERM);
    EXPECT_ERRNO (zmq_msg_recv (&message, socket, 0), ETERM);
    EXPECT_ERRNO (zmq_setsockopt (socket, ZMQ_LINGER, &number, sizeof number), ETERM);
    EXPECT_ERRNO (zmq_getsockopt (socket, ZMQ_LINGER, &number, &size), ETERM);
    EXPECT_ERRNO (zmq_getsockopt (socket, ZMQ_EVENTS, &number, &size), ETERM);
    EXPECT_ERRNO (zmq_getsockopt (socket, ZMQ_FD, &number, &size), ETERM);
    EXPECT_ERRNO (zmq_bind (socket, "inproc://late"), ETERM);
    EXPECT_ERRNO (zmq_connect (socket, "inproc://late"), ETERM);
    EXPECT_ERRNO (zmq_unbind (socket, "inproc://late"), ETERM);
    EXPECT_ERRNO (zmq_disconnect (socket, "inproc://late"), ETERM);
    EXPECT_ERRNO (zmq_socket_monitor (socket, "inproc://late", ZMQ_EVENT_ALL), ETERM);
    EXPECT_ERRNO (zmq_poll (&item, 1, -1), ETERM);
    errno = 0;
    EXPECT (zmq_socket (test_context (), ZMQ_DEALER) == NULL);
    EXPECT_INT (errno, ETERM);
    EXPECT_INT (zmq_msg_close (&message), 0);
}

static void shutdown_may_be_repeated (void)
{
    test_socket (ZMQ_PUSH);
    EXPECT_INT (zmq_ctx_shutdown (test_context ()), 0);
    EXPECT_INT (zmq_ctx_shutdown (test_context ()), 0);
}

static void a_context_may_be_shut_down_before_its_first_socket (void)
{
    EXPECT_INT (zmq_ctx_shutdown (test_context ()), 0);
    errno = 0;
    EXPECT (zmq_socket (test_context (), ZMQ_PUSH) == NULL);
    EXPECT_INT (errno, ETERM);
}

static long long terminate (void *context)
{
    return zmq_ctx_term (context);
}

static void term_waits_for_the_last_socket (void)
{
    void *first = test_socket (ZMQ_PUSH), *second = test_socket (ZMQ_PULL);
    struct blocked *term = blocked_start (terminate, test_context ());
    EXPECT_ERRNO (zmq_send (first, "", 0, ZMQ_DONTWAIT), ETERM);
    test_close (first);
    EXPECT_ERRNO (zmq_recv (second, NULL, 0, 0), ETERM);
    EXPECT (blocked_still (term));
    EXPECT_OK (zmq_close (second));
    EXPECT_INT (blocked_join (term), 0);
    exit (0); /* the harness has nothing left to end */
}

TESTS ({RUN (a_context_without_sockets_ends_at_once)}, {RUN (the_older_names_make_and_end_contexts)},
       {RUN (init_refuses_a_negative_number_of_threads)}, {RUN (calls_without_a_context_are_efault)},
       {RUN (something_else_is_not_a_context)}, {RUN (contexts_know_nothing_of_each_other)},
       {RUN (a_context_starts_with_the_documented_values), ROWS (presets)},
       {RUN (context_options_are_checked_and_kept), ROWS (assignments)},
       {RUN (an_unknown_context_option_cannot_be_read)}, {RUN (ipv6_of_the_context_is_the_sockets_default)},
       {RUN (blocky_off_makes_linger_zero)}, {RUN (without_io_threads_there_is_inproc_alone)},
       {RUN (an_affinity_to_no_thread_is_emthread)}, {RUN (several_io_threads_serve_all_sockets), EACH_WAY},
       {RUN (max_sockets_is_exact_and_a_closed_one_makes_room)}, {RUN (an_unknown_socket_type_is_einval)},
       {RUN (shutdown_makes_every_call_fail_but_close)}, {RUN (shutdown_may_be_repeated)},
       {RUN (a_context_may_be_shut_down_before_its_first_socket)}, {RUN (term_waits_for_the_last_socket)});
