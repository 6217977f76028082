/* hello_client.c - says "Hello" and waits for the answer.
 * usage: hello_client [ENDPOINT [REQUESTS]] */
#include <zmq.h>
#include <stdio.h>
#include "../program.h"

int main(int argc, char **argv)
{
    const char *endpoint = text_argument(argc, argv, 1, "tcp://127.0.0.1:5555");
    long requests = count_argument(argc, argv, 2, 10);
    long asked;
    double start, elapsed;

    void *context = check_handle(zmq_ctx_new(), "ctx_new");
    void *requester = check_handle(zmq_socket(context, ZMQ_REQ), "socket");
    check(zmq_connect(requester, endpoint), "connect");

    start = seconds();
    for (asked = 0; asked < requests; asked++) {
        char reply[16];
        int size;
        check(zmq_send(requester, "Hello", 5, 0), "send");
        size = check(zmq_recv(requester, reply, sizeof reply, 0), "recv");
        if (size > (int) sizeof reply) {
            fprintf(stderr, "reply %ld has %d bytes\n", asked, size);
            return 1;
        }
        if (asked < 3)
            printf("Hello -> %.*s\n", size, reply);
    }
    elapsed = seconds() - start;

    printf("%ld round trips in %.6f s\n", asked, elapsed);
    zmq_close(requester);
    zmq_ctx_term(context);
    return 0;
}
