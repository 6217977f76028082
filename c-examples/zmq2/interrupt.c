/* interrupt.c - waits for requests until Ctrl-C, and then ends in order, in the calls of ZeroMQ 2.1: a signal makes
 * a call that waits return with EINTR.
 * usage: interrupt [ENDPOINT]
 *
 * A signal that comes between the look at `interrupted` and the wait goes unnoticed until the next one; the program
 * of this name in zmq4 has no such gap. */
#include <zmq.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include "text.h"

static volatile sig_atomic_t interrupted;

static void on_interrupt(int number)
{
    (void) number;
    interrupted = 1;
}

int main(int argc, char **argv)
{
    const char *endpoint = text_argument(argc, argv, 1, "tcp://127.0.0.1:5555");
    struct sigaction action;
    long served = 0;
    void *context, *responder;

    memset(&action, 0, sizeof action);
    action.sa_handler = on_interrupt;
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);

    context = check_handle(zmq_init(1), "init");
    responder = check_handle(zmq_socket(context, ZMQ_REP), "socket");
    check(zmq_bind(responder, endpoint), "bind");
    announce(responder, "hello", endpoint);

    while (!interrupted) {
        char request[16];
        if (receive_text(responder, request, sizeof request) == -1) {
            if (errno == EINTR)
                continue;
            check(-1, "recv");
        }
        check(send_text(responder, "World", 0), "send");
        served++;
    }

    printf("interrupted after %ld requests\n", served);
    zmq_close(responder);
    zmq_term(context);
    return 0;
}
