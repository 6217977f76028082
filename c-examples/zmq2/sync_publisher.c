/* sync_publisher.c - publishes a stream of which no subscriber misses a message, in the calls of ZeroMQ 2.1.
 * usage: sync_publisher [STREAM_ENDPOINT [SYNC_ENDPOINT [MESSAGES [SUBSCRIBERS]]]]
 *
 * It starts when all subscribers have said that they receive, and then outruns them, by the whole stream if need be:
 * in 2.1 a socket has no high-water mark unless it is given one, so nothing is dropped and memory is the limit. */
#include <zmq.h>
#include <stdio.h>
#include <string.h>
#include "text.h"

static void await_subscribers(void *publisher, void *sync, long subscribers)
{
    long present = 0;
    while (present < subscribers) {
        zmq_pollitem_t item = {sync, 0, ZMQ_POLLIN, 0};
        char text[16];
        if (check(zmq_poll(&item, 1, 1 * ZMQ_POLL_MSEC), "poll") == 0) {
            check(send_text(publisher, "probe", 0), "send");
            continue;
        }
        check(receive_text(sync, text, sizeof text), "recv");
        check(send_text(sync, "wait for the stream", 0), "send");
        present++;
    }
}

int main(int argc, char **argv)
{
    const char *stream_endpoint = text_argument(argc, argv, 1, "tcp://127.0.0.1:5562");
    const char *sync_endpoint = text_argument(argc, argv, 2, "tcp://127.0.0.1:5563");
    long messages = count_argument(argc, argv, 3, 1000000);
    long subscribers = count_argument(argc, argv, 4, 1);
    long number;

    void *context = check_handle(zmq_init(1), "init");
    void *publisher = check_handle(zmq_socket(context, ZMQ_PUB), "socket");
    void *sync = check_handle(zmq_socket(context, ZMQ_REP), "socket");
    check(zmq_bind(publisher, stream_endpoint), "bind");
    announce(publisher, "stream", stream_endpoint);
    check(zmq_bind(sync, sync_endpoint), "bind");
    announce(sync, "sync", sync_endpoint);

    await_subscribers(publisher, sync, subscribers);
    for (number = 0; number < messages; number++) {
        char text[24];
        snprintf(text, sizeof text, "%ld", number);
        check(send_text(publisher, text, 0), "send");
    }
    check(send_text(publisher, "end", 0), "send");

    printf("sent %ld messages\n", messages);
    fflush(stdout); /* most of them may still be on their way */
    zmq_close(sync);
    zmq_close(publisher);
    zmq_term(context);
    return 0;
}
