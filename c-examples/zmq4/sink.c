/* sink.c - collects the results of a batch of tasks and tells how long the batch took.
 * usage: sink [SINK_ENDPOINT [TASKS]] */
#include <zmq.h>
#include <stdio.h>
#include <string.h>
#include "text.h"

int main(int argc, char **argv)
{
    const char *endpoint = text_argument(argc, argv, 1, "tcp://127.0.0.1:5558");
    long tasks = count_argument(argc, argv, 2, 100);
    long results = 0, total = 0;
    int messages = 0;
    double start = 0;

    void *context = check_handle(zmq_ctx_new(), "ctx_new");
    void *receiver = check_handle(zmq_socket(context, ZMQ_PULL), "socket");
    check(zmq_bind(receiver, endpoint), "bind");
    announce(receiver, "sink", endpoint);

    /* The ventilator's "start" and the workers' results come from different peers, so in any order. */
    for (messages = 0; messages < tasks + 1; messages++) {
        char text[16];
        check(receive_text(receiver, text, sizeof text), "recv");
        if (messages == 0)
            start = seconds();
        if (strcmp(text, "start") != 0) {
            total += atol(text);
            results++;
        }
    }

    printf("%ld results, %ld ms of work, in %.6f s\n", results, total, seconds() - start);
    zmq_close(receiver);
    zmq_ctx_term(context);
    return 0;
}
