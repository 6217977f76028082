/* interrupt.c - waits for requests until Ctrl-C, and then ends in order.
 * usage: interrupt [ENDPOINT]
 *
 * The signal handler writes a byte into a pipe, and one zmq_poll watches the pipe beside the socket. So a signal is
 * noticed whenever it comes, and no request is cut off in the middle. */
#include <zmq.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "text.h"

static int interrupt_pipe[2];

static void on_interrupt(int number)
{
    int before = errno;
    ssize_t written = write(interrupt_pipe[1], "", 1);
    (void) number;
    (void) written; /* a pipe that is full has been told already */
    errno = before;
}

static void catch_interrupts(void)
{
    struct sigaction action;
    check(pipe(interrupt_pipe), "pipe");
    memset(&action, 0, sizeof action);
    action.sa_handler = on_interrupt;
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

int main(int argc, char **argv)
{
    const char *endpoint = text_argument(argc, argv, 1, "tcp://127.0.0.1:5555");
    long served = 0;
    void *context, *responder;

    catch_interrupts();
    context = check_handle(zmq_ctx_new(), "ctx_new");
    responder = check_handle(zmq_socket(context, ZMQ_REP), "socket");
    check(zmq_bind(responder, endpoint), "bind");
    announce(responder, "hello", endpoint);

    for (;;) {
        zmq_pollitem_t items[] = {{NULL, 0, ZMQ_POLLIN, 0}, {NULL, 0, ZMQ_POLLIN, 0}};
        items[0].fd = interrupt_pipe[0];
        items[1].socket = responder;
        if (zmq_poll(items, 2, -1) == -1) {
            if (zmq_errno() == EINTR)
                continue; /* by now the pipe is readable */
            check(-1, "poll");
        }
        if (items[0].revents & ZMQ_POLLIN)
            break;
        if (items[1].revents & ZMQ_POLLIN) {
            char request[16];
            check(receive_text(responder, request, sizeof request), "recv");
            check(send_text(responder, "World", 0), "send");
            served++;
        }
    }

    printf("interrupted after %ld requests\n", served);
    zmq_close(responder);
    zmq_ctx_term(context);
    return 0;
}
