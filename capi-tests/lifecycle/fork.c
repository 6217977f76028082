/* fork: the child inherits contexts and sockets that it cannot use, and whatever it does with them must neither
 * hang, nor crash, nor disturb the parent; a context of its own works. */
#include "../harness/process.h"
#include "../harness/test.h"
#include "../harness/wire.h"

#include <stdlib.h>
#include <unistd.h>

static void *inherited_context, *inherited_socket;

/* In the parent: a pair of sockets at work, of which the child inherits one. */
static void *start_work (void)
{
    void *peer = test_socket (ZMQ_PAIR);
    inherited_context = test_context ();
    inherited_socket = test_socket (ZMQ_PAIR);
    test_join (inherited_socket, peer);
    SEND (peer, "to");
    EXPECT_MSG (inherited_socket, "to");
    SEND (inherited_socket, "fro");
    EXPECT_MSG (peer, "fro");
    return peer;
}

static void expect_work_goes_on (void *peer)
{
    for (int i = 0; i < 20; i++) {
        SEND (peer, "still|there");
        EXPECT_MSG (inherited_socket, "still|there");
        SEND (inherited_socket, "yes");
        EXPECT_MSG (peer, "yes");
    }
}

static void leave_at_once (struct process *parent)
{
    (void) parent;
    _exit (0);
}

static void leave_by_exit (struct process *parent)
{
    (void) parent;
    exit (0);
}

static void clean_up (struct process *parent)
{
    (void) parent;
    zmq_close (inherited_socket);
    zmq_ctx_term (inherited_context);
    _exit (0);
}

static void receive (struct process *parent)
{
    (void) parent;
    _exit (zmq_recv (inherited_socket, NULL, 0, 0) == -1 ? 0 : 1);
}

static const struct child {
    const char *name;
    void (*run) (struct process *parent);
} children[] = {
    {"leaves at once", leave_at_once},
    {"leaves by exit", leave_by_exit},
    {"closes and terminates", clean_up},
    {"receives", receive},
};

static void a_forked_child_does_not_disturb_its_parent (void)
{
    const struct child *row = test_row ();
    void *peer = start_work ();
    struct process child = process_fork (row->run);
    expect_work_goes_on (peer);
    process_end (&child);
    expect_work_goes_on (peer);
}

static void work_in_a_context_of_its_own (struct process *parent)
{
    const char *endpoint = process_hear (parent);
    void *context = zmq_ctx_new ();
    void *request = zmq_socket (context, ZMQ_REQ);
    test_connect (request, endpoint);
    SEND (request, "from the child");
    EXPECT_MSG (request, "from the parent");
    EXPECT_OK (zmq_close (request));
    EXPECT_INT (zmq_ctx_term (context), 0);
    _exit (0);
}

/* The child was forked after the parent's threads had started. */
static void a_new_context_works_in_the_child (void)
{
    void *peer = start_work (), *reply = test_socket (ZMQ_REP);
    const char *endpoint = wire_endpoint ();
    struct process child = process_fork (work_in_a_context_of_its_own);
    EXPECT_OK (zmq_bind (reply, endpoint));
    process_tell (&child, endpoint);
    EXPECT_MSG (reply, "from the child");
    SEND (reply, "from the parent");
    process_end (&child);
    expect_work_goes_on (peer);
}

static void run_another_program (struct process *parent)
{
    (void) parent;
    execl ("/bin/sh", "sh", "-c", "exit 0", (char *) NULL);
    _exit (1);
}

static void fork_and_exec_is_harmless (void)
{
    void *peer = start_work ();
    for (int i = 0; i < 5; i++) {
        struct process child = process_fork (run_another_program);
        expect_work_goes_on (peer);
        process_end (&child);
    }
}

TESTS ({RUN (a_forked_child_does_not_disturb_its_parent), ROWS (children), EACH_TRANSPORT},
       {RUN (a_new_context_works_in_the_child), ROWS (wires)}, {RUN (fork_and_exec_is_harmless), EACH_TRANSPORT});
