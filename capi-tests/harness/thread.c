/* Calls that block in a thread of their own (see thread.h). */
#define _GNU_SOURCE /* gettid */
#include "thread.h"

#include "test.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct blocked {
    pthread_t thread;
    long long (*call) (void *);
    void *argument;
    atomic_int id;   /* the system's number of the thread, set right before the call */
    atomic_int done; /* the call has returned */
    long long result;
    int error;
};

static void *run (void *argument)
{
    struct blocked *blocked = argument;
    atomic_store (&blocked->id, gettid ());
    blocked->result = blocked->call (blocked->argument);
    blocked->error = errno;
    atomic_store (&blocked->done, 1);
    return NULL;
}

/* How often the thread went to sleep by itself, or -1 while it does not sleep. */
static long naps (int id)
{
    char path[64], line[256], state = '?';
    long count = -1;
    snprintf (path, sizeof path, "/proc/self/task/%d/status", id);
    FILE *file = fopen (path, "r");
    if (!file)
        return -1;
    while (fgets (line, sizeof line, file)) {
        sscanf (line, "State: %c", &state);
        sscanf (line, "voluntary_ctxt_switches: %ld", &count);
    }
    fclose (file);
    return state == 'S' ? count : -1;
}

/* Asleep, and not just passing through a lock: it still sleeps the same sleep a moment later. */
static int sleeps (struct blocked *blocked)
{
    if (atomic_load (&blocked->done))
        test_fail (__FILE__, __LINE__, "the call did not block: result %lld, %s", blocked->result,
                   zmq_strerror (blocked->error));
    int id = atomic_load (&blocked->id);
    long before = id ? naps (id) : -1;
    if (before < 0)
        return 0;
    usleep (5000);
    return naps (id) == before;
}

struct blocked *blocked_start (long long (*call) (void *), void *argument)
{
    struct blocked *blocked = test_keep (calloc (1, sizeof *blocked));
    blocked->call = call;
    blocked->argument = argument;
    EXPECT_INT (pthread_create (&blocked->thread, NULL, run, blocked), 0);
    blocked_await (blocked);
    return blocked;
}

void blocked_await (struct blocked *blocked)
{
    WAIT_UNTIL (sleeps (blocked));
}

void blocked_signal (struct blocked *blocked, int signal_number)
{
    EXPECT_INT (pthread_kill (blocked->thread, signal_number), 0);
}

int blocked_still (struct blocked *blocked)
{
    return !atomic_load (&blocked->done);
}

long long blocked_join (struct blocked *blocked)
{
    WAIT_UNTIL (!blocked_still (blocked));
    pthread_join (blocked->thread, NULL);
    errno = blocked->error;
    return blocked->result;
}

static void ignore (int signal_number)
{
    (void) signal_number;
}

void catch_signal (int signal_number)
{
    struct sigaction action = {.sa_handler = ignore};
    EXPECT_OK (sigaction (signal_number, &action, NULL));
}
