/* hello_server.c - answers each "Hello" with "World".
 * usage: hello_server [ENDPOINT [REQUESTS [connect]]]
 * With "connect" the server connects to its endpoint, as one does behind a broker; else it binds. */
#include <zmq.h>
#include <stdio.h>
#include <string.h>
#include "../program.h"

int main(int argc, char **argv)
{
    const char *endpoint = text_argument(argc, argv, 1, "tcp://127.0.0.1:5555");
    long requests = count_argument(argc, argv, 2, 10);
    int connects = strcmp(text_argument(argc, argv, 3, "bind"), "connect") == 0;
    long served;

    void *context = check_handle(zmq_ctx_new(), "ctx_new");
    void *responder = check_handle(zmq_socket(context, ZMQ_REP), "socket");
    if (connects) {
        check(zmq_connect(responder, endpoint), "connect");
    } else {
        check(zmq_bind(responder, endpoint), "bind");
        announce(responder, "hello", endpoint);
    }

    for (served = 0; served < requests; served++) {
        char request[16];
        int size = check(zmq_recv(responder, request, sizeof request, 0), "recv");
        if (size != 5 || memcmp(request, "Hello", 5) != 0) {
            fprintf(stderr, "request %ld is not a Hello\n", served);
            return 1;
        }
        check(zmq_send(responder, "World", 5, 0), "send");
    }

    printf("answered %ld requests\n", served);
    zmq_close(responder);
    zmq_ctx_term(context);
    return 0;
}
