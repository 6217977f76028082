/* zmq_msg_init_data: the caller's buffer is used as it is, and its free function called exactly once, wherever the last
 * reference dies: at close, in another thread, in the background after the bytes were written, or with the context. */
#include "test.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

struct lease {
    atomic_int freed;
    atomic_bool right_data;
    char *data;
};

static void give_back (void *data, void *hint)
{
    struct lease *lease = hint;
    lease->right_data = data == lease->data;
    /* The memory goes too, so that a later use of it shows under a memory checker. */
    free (data);
    lease->freed++;
}

static void init_lease (zmq_msg_t *message, struct lease *lease, size_t size)
{
    lease->freed = 0;
    lease->right_data = false;
    lease->data = malloc (size ? size : 1);
    EXPECT (lease->data != NULL);
    memset (lease->data, 'd', size);
    EXPECT_INT (zmq_msg_init_data (message, lease->data, size, give_back, lease), 0);
}

/* Freed: now or when a background thread gets to it; and never again. */
static void expect_freed_once (struct lease *lease)
{
    WAIT_UNTIL (lease->freed > 0);
    test_teardown ();
    EXPECT_INT (lease->freed, 1);
    EXPECT (lease->right_data);
}

struct size_row {
    const char *name;
    size_t size;
};

static const struct size_row sizes[] = {{"0", 0}, {"1", 1}, {"33", 33}, {"34", 34}, {"1000", 1000}, {"100000", 100000}};

static size_t row_size (void)
{
    return ((const struct size_row *) test_row ())->size;
}

static void the_callers_buffer_is_used (void)
{
    struct lease lease;
    zmq_msg_t message;
    init_lease (&message, &lease, row_size ());
    EXPECT (zmq_msg_data (&message) == lease.data);
    EXPECT_INT (zmq_msg_size (&message), row_size ());
    EXPECT_INT (zmq_msg_get (&message, ZMQ_SHARED), 0);
    EXPECT_INT (lease.freed, 0);
    EXPECT_OK (zmq_msg_close (&message));
    EXPECT_INT (lease.freed, 1);
    EXPECT (lease.right_data);
}

static void the_last_of_several_copies_frees (void)
{
    struct lease lease;
    zmq_msg_t message, copies[5];
    init_lease (&message, &lease, row_size ());
    for (int i = 0; i < 5; i++) {
        EXPECT_OK (zmq_msg_init (&copies[i]));
        EXPECT_OK (zmq_msg_copy (&copies[i], i ? &copies[i - 1] : &message));
        EXPECT_INT (zmq_msg_get (&copies[i], ZMQ_SHARED), 1);
        EXPECT (zmq_msg_data (&copies[i]) == lease.data);
    }
    EXPECT_OK (zmq_msg_close (&message));
    for (int i = 0; i < 5; i++) {
        EXPECT_INT (lease.freed, 0);
        EXPECT_OK (zmq_msg_close (&copies[i]));
    }
    EXPECT_INT (lease.freed, 1);
}

static void being_overwritten_frees (void)
{
    struct lease first, second;
    zmq_msg_t a, b;
    init_lease (&a, &first, row_size ());
    init_lease (&b, &second, row_size ());
    EXPECT_OK (zmq_msg_move (&a, &b));
    EXPECT_INT (first.freed, 1);
    EXPECT_INT (second.freed, 0);
    EXPECT (zmq_msg_data (&a) == second.data);
    EXPECT_OK (zmq_msg_close (&b));
    EXPECT_INT (second.freed, 0);
    EXPECT_OK (zmq_msg_init (&b));
    EXPECT_OK (zmq_msg_copy (&a, &b));
    EXPECT_INT (second.freed, 1);
    EXPECT_OK (zmq_msg_close (&a));
    EXPECT_OK (zmq_msg_close (&b));
    EXPECT_INT (first.freed, 1);
    EXPECT_INT (second.freed, 1);
}

static void null_data_is_freed_too (void)
{
    struct lease lease = {.data = NULL};
    zmq_msg_t message;
    EXPECT_OK (zmq_msg_init_data (&message, NULL, 0, give_back, &lease));
    EXPECT_INT (zmq_msg_size (&message), 0);
    EXPECT_OK (zmq_msg_close (&message));
    EXPECT_INT (lease.freed, 1);
}

static void *close_it (void *message)
{
    EXPECT_OK (zmq_msg_close (message));
    return NULL;
}

static void another_thread_may_close (void)
{
    struct lease lease;
    zmq_msg_t message, copy;
    pthread_t closers[2];
    init_lease (&message, &lease, 1000);
    EXPECT_OK (zmq_msg_init (&copy));
    EXPECT_OK (zmq_msg_copy (&copy, &message));
    EXPECT_INT (pthread_create (&closers[0], NULL, close_it, &message), 0);
    EXPECT_INT (pthread_create (&closers[1], NULL, close_it, &copy), 0);
    for (int i = 0; i < 2; i++)
        EXPECT_INT (pthread_join (closers[i], NULL), 0);
    EXPECT_INT (lease.freed, 1);
}

/* ---- on sockets ---- */

static void sending_frees_once (void)
{
    struct lease lease;
    zmq_msg_t message;
    void *push = test_socket (ZMQ_PUSH), *pull = test_socket (ZMQ_PULL);
    static char text[100001];
    memset (text, 'd', row_size ());
    test_join (push, pull);
    init_lease (&message, &lease, row_size ());
    EXPECT_INT (zmq_msg_send (&message, push, 0), (long long) row_size ());
    EXPECT_INT (zmq_msg_size (&message), 0);
    EXPECT_MSG (pull, text);
    EXPECT_OK (zmq_msg_close (&message));
    expect_freed_once (&lease);
}

static void an_unsent_message_is_freed_with_the_context (void)
{
    struct lease lease;
    zmq_msg_t message;
    void *push = test_socket (ZMQ_PUSH);
    test_connect (push, test_endpoint ());
    init_lease (&message, &lease, 1000);
    EXPECT_OK (zmq_msg_send (&message, push, 0));
    EXPECT_INT (lease.freed, 0);
    test_teardown ();
    EXPECT_INT (lease.freed, 1);
}

static void an_unread_message_is_freed_with_the_context (void)
{
    struct lease lease;
    zmq_msg_t message;
    void *push = test_socket (ZMQ_PUSH), *pull = test_socket (ZMQ_PULL);
    test_join (push, pull);
    init_lease (&message, &lease, 1000);
    EXPECT_OK (zmq_msg_send (&message, push, 0));
    WAIT_EVENTS (pull, ZMQ_POLLIN);
    test_teardown ();
    EXPECT_INT (lease.freed, 1);
}

static void the_start_of_a_message_that_never_ends_is_freed (void)
{
    struct lease lease;
    zmq_msg_t message;
    void *push = test_socket (ZMQ_PUSH), *pull = test_socket (ZMQ_PULL);
    test_join (push, pull);
    init_lease (&message, &lease, 1000);
    EXPECT_OK (zmq_msg_send (&message, push, ZMQ_SNDMORE));
    test_close (push);
    expect_freed_once (&lease);
}

static void a_refused_send_leaves_the_message_with_the_caller (void)
{
    struct lease lease;
    zmq_msg_t message;
    void *push = test_socket (ZMQ_PUSH);
    init_lease (&message, &lease, row_size ());
    EXPECT_ERRNO (zmq_msg_send (&message, push, ZMQ_DONTWAIT), EAGAIN);
    EXPECT_INT (zmq_msg_size (&message), row_size ());
    EXPECT (zmq_msg_data (&message) == lease.data);
    EXPECT_INT (lease.freed, 0);
    EXPECT_OK (zmq_msg_close (&message));
    EXPECT_INT (lease.freed, 1);
}

static void a_message_dropped_for_lack_of_subscribers_is_freed (void)
{
    struct lease lease;
    zmq_msg_t message;
    void *pub = test_socket (ZMQ_PUB), *sub = test_socket (ZMQ_SUB);
    test_join (pub, sub);
    init_lease (&message, &lease, 1000);
    EXPECT_OK (zmq_msg_send (&message, pub, 0));
    EXPECT_INT (lease.freed, 1);
    EXPECT_OK (zmq_msg_close (&message));
    EXPECT_INT (lease.freed, 1);
}

/* Every subscriber shares the one buffer; the last to let go frees it. */
static void fan_out_frees_once (void)
{
    enum { SUBSCRIBERS = 4 };
    struct lease lease;
    zmq_msg_t message;
    static char text[1001];
    void *pub = test_socket (ZMQ_XPUB), *subs[SUBSCRIBERS];
    const char *endpoint = test_bind (pub);
    memset (text, 'd', 1000);
    test_set_int (pub, ZMQ_XPUB_VERBOSE, 1);
    for (int i = 0; i < SUBSCRIBERS; i++) {
        subs[i] = test_socket (ZMQ_SUB);
        test_set_text (subs[i], ZMQ_SUBSCRIBE, "d");
        test_connect (subs[i], endpoint);
        EXPECT_MSG (pub, "<01>d");
    }
    init_lease (&message, &lease, 1000);
    EXPECT_OK (zmq_msg_send (&message, pub, 0));
    for (int i = 0; i < SUBSCRIBERS; i++)
        EXPECT_MSG (subs[i], text);
    expect_freed_once (&lease);
}

TESTS ({RUN (the_callers_buffer_is_used), ROWS (sizes)}, {RUN (the_last_of_several_copies_frees), ROWS (sizes)},
       {RUN (being_overwritten_frees), ROWS (sizes)}, {RUN (null_data_is_freed_too)}, {RUN (another_thread_may_close)},
       {RUN (sending_frees_once), EACH_TRANSPORT, ROWS (sizes)},
       {RUN (an_unsent_message_is_freed_with_the_context), EACH_TRANSPORT},
       {RUN (an_unread_message_is_freed_with_the_context), EACH_TRANSPORT},
       {RUN (the_start_of_a_message_that_never_ends_is_freed), EACH_TRANSPORT},
       {RUN (a_refused_send_leaves_the_message_with_the_caller), ROWS (sizes)},
       {RUN (a_message_dropped_for_lack_of_subscribers_is_freed), EACH_TRANSPORT},
       {RUN (fan_out_frees_once), EACH_TRANSPORT});
