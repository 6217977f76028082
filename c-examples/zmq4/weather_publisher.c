/* weather_publisher.c - publishes weather updates for 100 000 zip codes, as fast as it can.
 * usage: weather_publisher [UPDATES_ENDPOINT [READY_ENDPOINT [UPDATES [SUBSCRIBERS]]]]
 *
 * A subscriber that joins late misses what was sent before. So that the figures at both ends can be compared, the
 * subscribers name their zip codes on a second socket, and the publisher starts when each has received a probe for its
 * own. What a probe has come through for, every update will come through for. */
#include <zmq.h>
#include <stdio.h>
#include <string.h>
#include "../weather.h"
#include "text.h"

static void tell(void *socket, int zip, const char *what)
{
    char text[32];
    snprintf(text, sizeof text, "%05d %s", zip, what);
    check(send_text(socket, text, 0), "send");
}

/* Returns when `subscribers` of them have named the zip code that each collects, and have received a probe for it. */
static void await_subscribers(void *publisher, void *ready, struct tally *tallies, long subscribers)
{
    long known = 0, receiving = 0, i;
    while (receiving < subscribers) {
        zmq_pollitem_t item = {ready, 0, ZMQ_POLLIN, 0};
        char text[32];
        if (check(zmq_poll(&item, 1, 1), "poll") == 0) {
            for (i = 0; i < known; i++)
                tell(publisher, tallies[i].zip, WEATHER_PROBE);
            continue;
        }
        check(receive_text(ready, text, sizeof text), "recv");
        if (strstr(text, WEATHER_RECEIVING) != NULL)
            receiving++;
        else if (known < subscribers)
            tallies[known++].zip = atoi(text);
    }
}

static void publish(void *publisher, long updates, struct tally *tallies, long subscribers)
{
    long sent, i;
    for (sent = 0; sent < updates; sent++) {
        struct update now = weather_now();
        char text[UPDATE_SIZE];
        check(zmq_send(publisher, text, weather_format(text, &now), 0), "send");
        for (i = 0; i < subscribers; i++)
            if (tallies[i].zip == now.zip)
                weather_count(&tallies[i], now.temperature);
    }
    for (i = 0; i < subscribers; i++)
        tell(publisher, tallies[i].zip, WEATHER_END);
}

int main(int argc, char **argv)
{
    const char *updates_endpoint = text_argument(argc, argv, 1, "tcp://127.0.0.1:5556");
    const char *ready_endpoint = text_argument(argc, argv, 2, "tcp://127.0.0.1:5566");
    long updates = count_argument(argc, argv, 3, 10000000);
    long subscribers = count_argument(argc, argv, 4, 1);
    struct tally *tallies = check_handle(calloc((size_t) subscribers + 1, sizeof *tallies), "calloc");
    double start;
    long i;

    void *context = check_handle(zmq_ctx_new(), "ctx_new");
    void *publisher = check_handle(zmq_socket(context, ZMQ_PUB), "socket");
    void *ready = check_handle(zmq_socket(context, ZMQ_PULL), "socket");
    check(zmq_bind(publisher, updates_endpoint), "bind");
    announce(publisher, "updates", updates_endpoint);
    check(zmq_bind(ready, ready_endpoint), "bind");
    announce(ready, "ready", ready_endpoint);

    await_subscribers(publisher, ready, tallies, subscribers);
    start = seconds();
    publish(publisher, updates, tallies, subscribers);
    zmq_close(ready);
    zmq_close(publisher);
    zmq_ctx_term(context); /* returns when all has been handed over, so that the time below counts that too */

    printf("%ld updates in %.6f s\n", updates, seconds() - start);
    for (i = 0; i < subscribers; i++)
        weather_report(&tallies[i], "sent");
    free(tallies);
    return 0;
}
