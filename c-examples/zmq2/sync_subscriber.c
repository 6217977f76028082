/* sync_subscriber.c - receives a synchronised stream and checks that it is complete, in the calls of ZeroMQ 2.1.
 * usage: sync_subscriber [STREAM_ENDPOINT [SYNC_ENDPOINT]] */
#include <zmq.h>
#include <stdio.h>
#include <string.h>
#include "text.h"

/* Tells the publisher that this subscriber receives. */
static void report(void *sync)
{
    char text[32];
    check(send_text(sync, "receiving", 0), "send");
    check(receive_text(sync, text, sizeof text), "recv");
    printf("in time\n");
    fflush(stdout);
}

int main(int argc, char **argv)
{
    const char *stream_endpoint = text_argument(argc, argv, 1, "tcp://127.0.0.1:5562");
    const char *sync_endpoint = text_argument(argc, argv, 2, "tcp://127.0.0.1:5563");
    long received = 0, misplaced = 0;
    int reported = 0;

    void *context = check_handle(zmq_init(1), "init");
    void *subscriber = check_handle(zmq_socket(context, ZMQ_SUB), "socket");
    void *sync = check_handle(zmq_socket(context, ZMQ_REQ), "socket");
    check(zmq_setsockopt(subscriber, ZMQ_SUBSCRIBE, "", 0), "setsockopt SUBSCRIBE");
    check(zmq_connect(subscriber, stream_endpoint), "connect");
    check(zmq_connect(sync, sync_endpoint), "connect");

    for (;;) {
        char text[32];
        check(receive_text(subscriber, text, sizeof text), "recv");
        if (strcmp(text, "end") == 0)
            break;
        if (strcmp(text, "probe") == 0) {
            if (!reported)
                report(sync);
            reported = 1;
            continue;
        }
        if (atol(text) != received)
            misplaced++;
        received++;
    }

    printf("received %ld messages, %ld of them not in their place\n", received, misplaced);
    zmq_close(sync);
    zmq_close(subscriber);
    zmq_term(context);
    return misplaced == 0 ? 0 : 1;
}
