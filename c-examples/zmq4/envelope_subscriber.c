/* envelope_subscriber.c - reads one section of the news: the filter looks at the first frame alone.
 * usage: envelope_subscriber [ENDPOINT [SECTION [ITEMS]]] */
#include <zmq.h>
#include <stdio.h>
#include <string.h>
#include "text.h"

int main(int argc, char **argv)
{
    const char *endpoint = text_argument(argc, argv, 1, "tcp://127.0.0.1:5564");
    const char *section = text_argument(argc, argv, 2, "science");
    long items = count_argument(argc, argv, 3, 5);
    long i;

    void *context = check_handle(zmq_ctx_new(), "ctx_new");
    void *subscriber = check_handle(zmq_socket(context, ZMQ_SUB), "socket");
    check(zmq_setsockopt(subscriber, ZMQ_SUBSCRIBE, section, strlen(section)), "setsockopt SUBSCRIBE");
    check(zmq_connect(subscriber, endpoint), "connect");

    for (i = 0; i < items; i++) {
        char envelope[32], text[64];
        int more = 0;
        size_t size = sizeof more;
        check(receive_text(subscriber, envelope, sizeof envelope), "recv");
        check(zmq_getsockopt(subscriber, ZMQ_RCVMORE, &more, &size), "getsockopt RCVMORE");
        if (!more) {
            fprintf(stderr, "an envelope without content: '%s'\n", envelope);
            return 1;
        }
        check(receive_text(subscriber, text, sizeof text), "recv");
        printf("[%s] %s\n", envelope, text);
    }

    zmq_close(subscriber);
    zmq_ctx_term(context);
    return 0;
}
