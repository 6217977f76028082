/* What wakes a call that blocks: the end of the context, from any thread, and a signal. */
#include "../harness/test.h"
#include "../harness/thread.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>

/* ---- the calls that block ---- */

static long long receive (void *socket)
{
    return zmq_recv (socket, NULL, 0, 0);
}

static long long receive_message (void *socket)
{
    zmq_msg_t message;
    zmq_msg_init (&message);
    int result = zmq_msg_recv (&message, socket, 0);
    int error = errno;
    zmq_msg_close (&message);
    errno = error;
    return result;
}

static long long transmit (void *socket)
{
    return zmq_send (socket, "x", 1, 0);
}

static long long poll_in (void *socket)
{
    zmq_pollitem_t item = {socket, 0, ZMQ_POLLIN, 0};
    return zmq_poll (&item, 1, -1);
}

static long long poll_out (void *socket)
{
    zmq_pollitem_t item = {socket, 0, ZMQ_POLLOUT, 0};
    return zmq_poll (&item, 1, -1);
}

static long long proxy (void *socket)
{
    return zmq_proxy (socket, socket, NULL);
}

static const struct blocking {
    const char *name;
    long long (*call) (void *);
    int type;
    int connected; /* to a peer that never sends */
} blocking[] = {
    {"recv", receive, ZMQ_PULL, 0},
    {"recv from a peer", receive, ZMQ_DEALER, 1},
    {"msg_recv", receive_message, ZMQ_REP, 0},
    {"send without a peer", transmit, ZMQ_PUSH, 0},
    {"poll in", poll_in, ZMQ_SUB, 0},
    {"poll in from a peer", poll_in, ZMQ_DEALER, 1},
    {"poll out", poll_out, ZMQ_REQ, 0},
    {"proxy", proxy, ZMQ_DEALER, 0},
};

static struct blocked *start_row (void **socket)
{
    const struct blocking *row = test_row ();
    *socket = test_socket (row->type);
    test_set_int (*socket, ZMQ_RCVTIMEO, -1);
    test_set_int (*socket, ZMQ_SNDTIMEO, -1);
    if (row->connected) {
        void *peer = test_socket (ZMQ_DEALER);
        test_join (*socket, peer);
        WAIT_EVENTS (*socket, ZMQ_POLLOUT);
        WAIT_EVENTS (peer, ZMQ_POLLOUT);
    }
    return blocked_start (row->call, *socket);
}

/* ---- the end of the context ---- */

static void shutdown_wakes_a_blocked_call (void)
{
    void *socket;
    struct blocked *blocked = start_row (&socket);
    EXPECT_OK (zmq_ctx_shutdown (test_context ()));
    EXPECT_ERRNO (blocked_join (blocked), ETERM);
}

static long long terminate (void *context)
{
    return zmq_ctx_term (context);
}

static void term_wakes_a_blocked_call (void)
{
    void *context = zmq_ctx_new ();
    void *socket = zmq_socket (context, ZMQ_PULL);
    struct blocked *blocked = blocked_start (receive, socket);
    struct blocked *term = blocked_start (terminate, context);
    EXPECT_ERRNO (blocked_join (blocked), ETERM);
    EXPECT (blocked_still (term));
    EXPECT_OK (zmq_close (socket));
    EXPECT_INT (blocked_join (term), 0);
}

static void shutdown_wakes_many_threads (void)
{
    enum { THREADS = 12 };
    struct blocked *blocked[THREADS];
    for (int i = 0; i < THREADS; i++)
        blocked[i] = blocked_start (i % 2 ? receive : poll_in, test_socket (ZMQ_PULL));
    EXPECT_OK (zmq_ctx_shutdown (test_context ()));
    for (int i = 0; i < THREADS; i++)
        EXPECT_ERRNO (blocked_join (blocked[i]), ETERM);
}

static void a_poll_of_two_contexts_wakes_when_one_ends (void)
{
    void *other = zmq_ctx_new ();
    zmq_pollitem_t items[] = {
        {test_socket (ZMQ_PULL), 0, ZMQ_POLLIN, 0},
        {test_socket_in (other, ZMQ_PULL), 0, ZMQ_POLLIN, 0},
    };
    EXPECT_OK (zmq_ctx_shutdown (other));
    EXPECT_ERRNO (zmq_poll (items, 2, -1), ETERM);
    test_close (items[1].socket);
    EXPECT_OK (zmq_ctx_term (other));
}

/* ---- signals ---- */

static void a_signal_interrupts_a_blocked_call (void)
{
    void *socket;
    catch_signal (SIGUSR1);
    struct blocked *blocked = start_row (&socket);
    blocked_signal (blocked, SIGUSR1);
    EXPECT_ERRNO (blocked_join (blocked), EINTR);
}

static void an_interrupted_receive_goes_on_when_repeated (void)
{
    void *pull = test_socket (ZMQ_PULL), *push = test_socket (ZMQ_PUSH);
    catch_signal (SIGUSR1);
    test_join (pull, push);
    SEND (push, "before"); /* once it is through, nothing but the signal stirs the call */
    EXPECT_MSG (pull, "before");
    struct blocked *blocked = blocked_start (receive, pull);
    blocked_signal (blocked, SIGUSR1);
    EXPECT_ERRNO (blocked_join (blocked), EINTR);
    SEND (push, "after");
    EXPECT_MSG (pull, "after");
}

/* ctx_term that a socket holds up: a signal interrupts it, and calling it again finishes. */
static void a_signal_interrupts_term (void)
{
    void *context = zmq_ctx_new ();
    void *socket = zmq_socket (context, ZMQ_PULL);
    catch_signal (SIGUSR1);
    struct blocked *term = blocked_start (terminate, context);
    blocked_signal (term, SIGUSR1);
    EXPECT_ERRNO (blocked_join (term), EINTR);
    EXPECT_ERRNO (zmq_recv (socket, NULL, 0, ZMQ_DONTWAIT), ETERM);
    EXPECT_OK (zmq_close (socket));
    EXPECT_INT (zmq_ctx_term (context), 0);
}

/* How many threads of this process would take the signal. */
static int threads_that_take (int signal_number)
{
    int count = 0;
    DIR *tasks = opendir ("/proc/self/task");
    EXPECT (tasks != NULL);
    for (struct dirent *task; (task = readdir (tasks));) {
        char path[300], line[256];
        unsigned long long blocked = 0;
        snprintf (path, sizeof path, "/proc/self/task/%s/status", task->d_name);
        FILE *status = task->d_name[0] == '.' ? NULL : fopen (path, "r");
        if (!status)
            continue;
        while (fgets (line, sizeof line, status))
            sscanf (line, "SigBlk: %llx", &blocked);
        fclose (status);
        count += !(blocked >> (signal_number - 1) & 1);
    }
    closedir (tasks);
    return count;
}

/* The library's threads leave signals to the program, so that its handlers run where it expects them. */
static void the_librarys_threads_take_no_signals (void)
{
    void *pull = test_socket (ZMQ_PULL), *push = test_socket (ZMQ_PUSH);
    test_join (pull, push);
    SEND (push, "the threads run");
    EXPECT_MSG (pull, "the threads run");
    WAIT_UNTIL (threads_that_take (SIGUSR1) == 1);
    WAIT_UNTIL (threads_that_take (SIGINT) == 1);
    WAIT_UNTIL (threads_that_take (SIGCHLD) == 1);
}

/* The loop of a program that ends on Ctrl-C: its receive fails with EINTR, it closes and ends. */
static volatile sig_atomic_t interrupted;

static void note_interrupt (int signal_number)
{
    (void) signal_number;
    interrupted = 1;
}

static long long serve (void *socket)
{
    while (!interrupted) {
        char request[16];
        if (zmq_recv (socket, request, sizeof request, 0) < 0)
            return -1;
        zmq_send (socket, "reply", 5, 0);
    }
    return 0;
}

static void a_server_that_catches_ctrl_c_ends_cleanly (void)
{
    struct sigaction action = {.sa_handler = note_interrupt};
    EXPECT_OK (sigaction (SIGINT, &action, NULL));
    void *server = test_socket (ZMQ_REP), *client = test_socket (ZMQ_REQ);
    test_set_int (server, ZMQ_RCVTIMEO, -1);
    test_join (server, client);
    struct blocked *blocked = blocked_start (serve, server);
    SEND (client, "request");
    EXPECT_MSG (client, "reply");
    EXPECT (blocked_still (blocked));
    blocked_await (blocked);
    blocked_signal (blocked, SIGINT);
    EXPECT_ERRNO (blocked_join (blocked), EINTR);
    EXPECT_INT (interrupted, 1);
}

TESTS ({RUN (shutdown_wakes_a_blocked_call), ROWS (blocking), EACH_TRANSPORT}, {RUN (term_wakes_a_blocked_call)},
       {RUN (shutdown_wakes_many_threads)}, {RUN (a_poll_of_two_contexts_wakes_when_one_ends)},
       {RUN (a_signal_interrupts_a_blocked_call), ROWS (blocking), EACH_TRANSPORT},
       {RUN (an_interrupted_receive_goes_on_when_repeated), EACH_TRANSPORT}, {RUN (a_signal_interrupts_term)},
       {RUN (the_librarys_threads_take_no_signals), EACH_TRANSPORT},
       {RUN (a_server_that_catches_ctrl_c_ends_cleanly), EACH_TRANSPORT});
