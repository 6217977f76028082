/* hello_server.c - answers each "Hello" with "World", in the calls of ZeroMQ 2.1.
 * usage: hello_server [ENDPOINT [REQUESTS]] */
#include <zmq.h>
#include <stdio.h>
#include <string.h>
#include "../program.h"

int main(int argc, char **argv)
{
    const char *endpoint = text_argument(argc, argv, 1, "tcp://127.0.0.1:5555");
    long requests = count_argument(argc, argv, 2, 10);
    long served;

    void *context = check_handle(zmq_init(1), "init");
    void *responder = check_handle(zmq_socket(context, ZMQ_REP), "socket");
    check(zmq_bind(responder, endpoint), "bind");
    announce(responder, "hello", endpoint);

    for (served = 0; served < requests; served++) {
        zmq_msg_t request, reply;

        zmq_msg_init(&request);
        check(zmq_recv(responder, &request, 0), "recv");
        if (zmq_msg_size(&request) != 5 || memcmp(zmq_msg_data(&request), "Hello", 5) != 0) {
            fprintf(stderr, "request %ld is not a Hello\n", served);
            return 1;
        }
        zmq_msg_close(&request);

        zmq_msg_init_size(&reply, 5);
        memcpy(zmq_msg_data(&reply), "World", 5);
        check(zmq_send(responder, &reply, 0), "send");
        zmq_msg_close(&reply);
    }

    printf("answered %ld requests\n", served);
    zmq_close(responder);
    zmq_term(context);
    return 0;
}
