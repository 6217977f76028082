/* Other processes that play a part in a case: peers that die, children that inherit.
 *
 * A process that is to use the library by itself is forked before the case has touched the library, and waits
 * for its cue. It has the whole harness for itself; a failed expectation in it shows in its exit code.
 */
#ifndef CAPI_TESTS_PROCESS_H
#define CAPI_TESTS_PROCESS_H

#include <stddef.h>
#include <sys/types.h>

struct process {
    pid_t id;
    int in, out; /* lines from the other process, lines to it */
};

/* Forks a process that runs the function with the way back to its parent, closes its sockets and ends with 0. */
struct process process_fork (void (*run) (struct process *parent));

/* Sends a line to the other process. */
void process_tell (const struct process *process, const char *line);

/* Waits for a line of the other process, and returns it. */
const char *process_hear (const struct process *process);

/* Waits until it has ended and expects success. */
void process_end (const struct process *process);

/* Ends it at once, as a crash would: nothing is flushed, nothing is said. */
void process_kill (const struct process *process);

#endif
