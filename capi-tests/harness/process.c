/* Other processes that play a part in a case (see process.h). */
#include "process.h"

#include "test.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

struct process process_fork (void (*run) (struct process *parent))
{
    int to_child[2], to_parent[2];
    EXPECT_OK (pipe (to_child));
    EXPECT_OK (pipe (to_parent));
    struct process process = {fork (), to_parent[0], to_child[1]};
    EXPECT_OK (process.id);
    if (process.id != 0) {
        close (to_child[0]);
        close (to_parent[1]);
        return process;
    }
    close (to_child[1]);
    close (to_parent[0]);
    struct process parent = {getppid (), to_child[0], to_parent[1]};
    run (&parent);
    test_teardown ();
    exit (0);
}

void process_tell (const struct process *process, const char *line)
{
    EXPECT_INT (write (process->out, line, strlen (line)), strlen (line));
    EXPECT_INT (write (process->out, "\n", 1), 1);
}

const char *process_hear (const struct process *process)
{
    enum { LONGEST = 256 };
    char *line = test_keep (calloc (1, LONGEST));
    for (size_t size = 0; size + 1 < LONGEST; size++) {
        struct pollfd item = {process->in, POLLIN, 0};
        EXPECT_INT (poll (&item, 1, test_patience ()), 1);
        EXPECT_INT (read (process->in, line + size, 1), 1);
        if (line[size] == '\n') {
            line[size] = '\0';
            return line;
        }
    }
    test_fail (__FILE__, __LINE__, "the line is too long");
}

void process_end (const struct process *process)
{
    int status = 0;
    pid_t ended = 0;
    WAIT_UNTIL ((ended = waitpid (process->id, &status, WNOHANG)) != 0);
    EXPECT_INT (ended, process->id);
    if (!WIFEXITED (status) || WEXITSTATUS (status) != 0)
        test_fail (__FILE__, __LINE__, "the other process failed, status %d", status);
    close (process->in);
    close (process->out);
}

void process_kill (const struct process *process)
{
    EXPECT_OK (kill (process->id, SIGKILL));
    EXPECT_INT (waitpid (process->id, NULL, 0), process->id);
    close (process->in);
    close (process->out);
}
