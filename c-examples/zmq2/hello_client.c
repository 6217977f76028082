/* hello_client.c - says "Hello" and waits for the answer, in the calls of ZeroMQ 2.1.
 * usage: hello_client [ENDPOINT [REQUESTS]] */
#include <zmq.h>
#include <stdio.h>
#include <string.h>
#include "../program.h"

int main(int argc, char **argv)
{
    const char *endpoint = text_argument(argc, argv, 1, "tcp://127.0.0.1:5555");
    long requests = count_argument(argc, argv, 2, 10);
    long asked;
    double start, elapsed;

    void *context = check_handle(zmq_init(1), "init");
    void *requester = check_handle(zmq_socket(context, ZMQ_REQ), "socket");
    check(zmq_connect(requester, endpoint), "connect");

    start = seconds();
    for (asked = 0; asked < requests; asked++) {
        zmq_msg_t request, reply;

        zmq_msg_init_size(&request, 5);
        memcpy(zmq_msg_data(&request), "Hello", 5);
        check(zmq_send(requester, &request, 0), "send");
        zmq_msg_close(&request);

        zmq_msg_init(&reply);
        check(zmq_recv(requester, &reply, 0), "recv");
        if (asked < 3)
            printf("Hello -> %.*s\n", (int) zmq_msg_size(&reply), (char *) zmq_msg_data(&reply));
        zmq_msg_close(&reply);
    }
    elapsed = seconds() - start;

    printf("%ld round trips in %.6f s\n", asked, elapsed);
    zmq_close(requester);
    zmq_term(context);
    return 0;
}
