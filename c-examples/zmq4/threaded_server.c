/* threaded_server.c - answers "Hello" with several threads behind one endpoint. The threads share nothing but the
 * context: each has a socket of its own, connected to the main one over inproc.
 * usage: threaded_server [ENDPOINT [THREADS]], until Ctrl-C */
#include <zmq.h>
#include <stdio.h>
#include <string.h>
#include "until_interrupt.h"

#define MOST_THREADS 64
#define THREADS_ENDPOINT "inproc://threads"

static void *answered; /* an atomic counter, common to all threads */

static void serve(void *context)
{
    void *responder = check_handle(zmq_socket(context, ZMQ_REP), "socket");
    check(zmq_connect(responder, THREADS_ENDPOINT), "connect");
    for (;;) {
        char request[16];
        if (zmq_recv(responder, request, sizeof request, 0) == -1)
            break;
        /* counted before it is sent, so that who has a reply in hand can rely on the count */
        zmq_atomic_counter_inc(answered);
        if (zmq_send(responder, "World", 5, 0) == -1)
            break;
    }
    if (zmq_errno() != ETERM)
        check(-1, "serve");
    zmq_close(responder);
}

int main(int argc, char **argv)
{
    const char *endpoint = text_argument(argc, argv, 1, "tcp://127.0.0.1:5555");
    long count = count_argument(argc, argv, 2, 4);
    void *threads[MOST_THREADS];
    sigset_t interrupts;
    void *context, *frontend, *backend;
    long i;

    if (count > MOST_THREADS)
        count = MOST_THREADS;
    block_interrupts(&interrupts);
    answered = check_handle(zmq_atomic_counter_new(), "atomic_counter_new");
    context = check_handle(zmq_ctx_new(), "ctx_new");
    frontend = check_handle(zmq_socket(context, ZMQ_ROUTER), "socket");
    backend = check_handle(zmq_socket(context, ZMQ_DEALER), "socket");
    check(zmq_bind(backend, THREADS_ENDPOINT), "bind");
    for (i = 0; i < count; i++)
        threads[i] = check_handle(zmq_threadstart(serve, context), "threadstart");
    check(zmq_bind(frontend, endpoint), "bind");
    announce(frontend, "hello", endpoint);

    proxy_until_interrupt(context, frontend, backend, &interrupts);

    for (i = 0; i < count; i++)
        zmq_threadclose(threads[i]);
    printf("%ld threads answered %d requests\n", count, zmq_atomic_counter_value(answered));
    zmq_atomic_counter_destroy(&answered);
    zmq_ctx_term(context);
    return 0;
}
