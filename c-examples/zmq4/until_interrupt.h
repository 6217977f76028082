/* until_interrupt.h - runs a proxy until SIGINT or SIGTERM, then ends it in order.
 *
 * The signals are blocked in all threads, so none is interrupted at an unlucky moment; the main thread waits for one
 * with sigwait and shuts the context down, on which the proxy returns with ETERM. */
#ifndef EXAMPLE_UNTIL_INTERRUPT_H
#define EXAMPLE_UNTIL_INTERRUPT_H

#include <errno.h>
#include <signal.h>
#include "../program.h"

struct proxy {
    void *frontend;
    void *backend;
};

static inline void run_proxy(void *argument)
{
    struct proxy *proxy = argument;
    if (zmq_proxy(proxy->frontend, proxy->backend, NULL) == -1 && zmq_errno() != ETERM)
        check(-1, "proxy");
    zmq_close(proxy->frontend);
    zmq_close(proxy->backend);
}

/* Must be called before the first thread starts, hence before the first socket. */
static inline void block_interrupts(sigset_t *interrupts)
{
    signal(SIGINT, SIG_DFL); /* a shell starts background programs with SIGINT ignored */
    sigemptyset(interrupts);
    sigaddset(interrupts, SIGINT);
    sigaddset(interrupts, SIGTERM);
    sigprocmask(SIG_BLOCK, interrupts, NULL);
}

/* Hands both sockets to a thread of its own; they are closed when this returns. */
static inline void proxy_until_interrupt(void *context, void *frontend, void *backend, const sigset_t *interrupts)
{
    struct proxy proxy;
    void *thread;
    int received;
    proxy.frontend = frontend;
    proxy.backend = backend;
    thread = check_handle(zmq_threadstart(run_proxy, &proxy), "threadstart");
    sigwait(interrupts, &received);
    check(zmq_ctx_shutdown(context), "ctx_shutdown");
    zmq_threadclose(thread);
}

#endif
