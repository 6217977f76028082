/* Processes and threads of a case, what they share, and the watch over them; see sides.h. */
#include "sides.h"

#include <errno.h>
#include <linux/futex.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"

struct shared *shared;

static const struct plan *current;

/* The word a futex looks at; the kernel wants its address, not an atomic access. */
static void *futex_word(struct counter *counter)
{
    return (void *)&counter->value;
}

void counter_add(struct counter *counter, uint32_t amount)
{
    atomic_fetch_add(&counter->value, amount);
    syscall(SYS_futex, futex_word(counter), FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

uint32_t counter_read(struct counter *counter)
{
    return atomic_load(&counter->value);
}

void counter_wait(struct counter *counter, uint32_t at_least)
{
    uint32_t seen;
    while ((seen = atomic_load(&counter->value)) < at_least)
        syscall(SYS_futex, futex_word(counter), FUTEX_WAIT, seen, NULL, NULL, 0);
}

void endpoint_post(int side, const char *endpoint)
{
    struct side_page *page = &shared->side[side];
    snprintf(page->endpoint, sizeof page->endpoint, "%s", endpoint);
    counter_add(&page->endpoint_posted, 1);
}

const char *endpoint_await(int side)
{
    struct side_page *page = &shared->side[side];
    counter_wait(&page->endpoint_posted, 1);
    return page->endpoint;
}

void usage_start(const struct side *side)
{
    if (!current->threads || side->index == 0)
        shared->side[side->index].usage = usage_now();
}

void usage_stop(const struct side *side)
{
    if (current->threads && side->index != 0)
        return;
    struct usage *usage = &shared->side[side->index].usage;
    struct usage now = usage_now();
    usage->cpu_s = now.cpu_s - usage->cpu_s;
    usage->switches = now.switches - usage->switches;
}

void usage_peak(const struct side *side)
{
    if (!current->threads || side->index == 0)
        shared->side[side->index].usage.peak_kb = memory_kb("VmHWM");
}

void fail(const char *format, ...)
{
    if (atomic_exchange(&shared->failed, 1) == 0) {
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(shared->failure, sizeof shared->failure, format, arguments);
        va_end(arguments);
    }
    _exit(1);
}

static void pin_to(int cpu)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    if (sched_setaffinity(0, sizeof set, &set) != 0)
        fail("cannot stay on CPU %d: %s", cpu, strerror(errno));
}

static void run_body(struct side *side)
{
    int cpu;
    if (current->pinned != NULL && current->pinned(side->index, &cpu))
        pin_to(cpu);
    current->body(side);
}

static void *run_thread(void *side)
{
    run_body(side);
    return NULL;
}

/* One process, one context, a thread a side. The context starts its threads on the CPU of side 0, where that is
 * asked for: the case says where both ends are to be, and the I/O thread serves both. */
static void run_threads(void)
{
    static struct side sides[MAX_SIDES];
    static pthread_t threads[MAX_SIDES];
    void *context = current->open != NULL ? current->open() : NULL;
    for (int i = 0; i < current->sides; i++) {
        sides[i] = (struct side){i, context};
        if (pthread_create(&threads[i], NULL, run_thread, &sides[i]) != 0)
            fail("cannot start thread %d", i);
    }
    for (int i = 0; i < current->sides; i++)
        pthread_join(threads[i], NULL);
    if (current->close != NULL)
        current->close(context);
}

static void run_process(int index)
{
    int cpu;
    if (current->pinned != NULL && current->pinned(index, &cpu))
        pin_to(cpu); /* before the context, whose threads inherit it */
    struct side side = {index, current->open != NULL ? current->open() : NULL};
    run_body(&side);
    if (current->close != NULL)
        current->close(side.context);
}

static pid_t start_child(int index)
{
    pid_t parent = getpid();
    pid_t child = fork();
    if (child < 0)
        fail("cannot fork: %s", strerror(errno));
    if (child > 0)
        return child;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
    if (current->threads)
        run_threads();
    else
        run_process(index);
    exit(0);
}

static void kill_children(const pid_t *children, int count)
{
    for (int i = 0; i < count; i++) {
        if (children[i] > 0)
            kill(children[i], SIGKILL);
    }
}

static int index_of(const pid_t *children, int count, pid_t child)
{
    for (int i = 0; i < count; i++) {
        if (children[i] == child)
            return i;
    }
    return -1;
}

static void note_failure(int index, int status)
{
    if (status == 0 || atomic_load(&shared->failed))
        return;
    atomic_store(&shared->failed, 1);
    const char *how = WIFSIGNALED(status) ? "was ended by signal" : "ended with status";
    int number = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
    snprintf(shared->failure, sizeof shared->failure, "side %d %s %d", index, how, number);
}

static volatile sig_atomic_t too_late;

static void on_alarm(int signal)
{
    (void)signal;
    too_late = 1;
}

/* Waits for all children. The first failure, or the deadline, ends the others. */
static void watch(pid_t *children, int count, int timeout_s)
{
    struct sigaction action = {.sa_handler = on_alarm}; /* no SA_RESTART: waitpid is to return */
    sigaction(SIGALRM, &action, NULL);
    alarm((unsigned)timeout_s);
    for (int left = count; left > 0;) {
        int status;
        pid_t child = waitpid(-1, &status, 0);
        if (child < 0) {
            if (errno == EINTR && too_late) {
                if (!atomic_exchange(&shared->failed, 1))
                    snprintf(shared->failure, sizeof shared->failure, "not done after %d s: a message is missing, "
                             "or a side hangs", timeout_s);
                kill_children(children, count);
                too_late = 0;
            }
            continue;
        }
        int index = index_of(children, count, child);
        if (index < 0)
            continue;
        children[index] = 0;
        left--;
        note_failure(index, status);
        if (atomic_load(&shared->failed))
            kill_children(children, count);
    }
    alarm(0);
}

void sides_run(const struct plan *plan)
{
    current = plan;
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED) {
        perror("shared memory");
        exit(1);
    }
    static pid_t children[MAX_SIDES];
    int count = plan->threads ? 1 : plan->sides;
    for (int i = 0; i < count; i++)
        children[i] = start_child(i);
    watch(children, count, plan->timeout_s > 0 ? plan->timeout_s : 30);
    if (atomic_load(&shared->failed)) {
        printf("{\"error\": \"%s\"}\n", shared->failure);
        exit(1);
    }
}
