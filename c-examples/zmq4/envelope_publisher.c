/* envelope_publisher.c - publishes news in two frames: the section, by which it is filtered, and the text.
 * usage: envelope_publisher [ENDPOINT [ITEMS [SUBSCRIBERS]]]
 * It is an XPUB and starts when it has been told of that many subscriptions. */
#include <zmq.h>
#include <stdio.h>
#include "text.h"

int main(int argc, char **argv)
{
    static const char *const sections[] = {"sport", "science"};
    const char *endpoint = text_argument(argc, argv, 1, "tcp://127.0.0.1:5564");
    long items = count_argument(argc, argv, 2, 5);
    long subscribers = count_argument(argc, argv, 3, 1);
    int every = 1; /* tell of every subscription, also of those to a section that somebody has already */
    long i, section;

    void *context = check_handle(zmq_ctx_new(), "ctx_new");
    void *publisher = check_handle(zmq_socket(context, ZMQ_XPUB), "socket");
    check(zmq_setsockopt(publisher, ZMQ_XPUB_VERBOSE, &every, sizeof every), "setsockopt XPUB_VERBOSE");
    check(zmq_bind(publisher, endpoint), "bind");
    announce(publisher, "news", endpoint);

    for (i = 0; i < subscribers; i++) {
        char subscription[32];
        check(zmq_recv(publisher, subscription, sizeof subscription, 0), "recv");
    }
    for (i = 1; i <= items; i++) {
        for (section = 0; section < 2; section++) {
            char text[64];
            snprintf(text, sizeof text, "%s item %ld", sections[section], i);
            check(send_text(publisher, sections[section], ZMQ_SNDMORE), "send");
            check(send_text(publisher, text, 0), "send");
        }
    }

    printf("published %ld items in each of 2 sections\n", items);
    zmq_close(publisher);
    zmq_ctx_term(context);
    return 0;
}
