/* weather_subscriber.c - collects the updates for one zip code and computes the average temperature.
 * usage: weather_subscriber [UPDATES_ENDPOINT [READY_ENDPOINT [ZIP]]] */
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

/* Counts updates until the publisher ends. Only the first probe is answered; more may be under way. */
static void collect(void *subscriber, void *ready, struct tally *tally)
{
    char text[64];
    int answered = 0;
    for (;;) {
        int zip, temperature;
        check(receive_text(subscriber, text, sizeof text), "recv");
        if (strstr(text, WEATHER_END) != NULL)
            return;
        if (strstr(text, WEATHER_PROBE) != NULL) {
            if (!answered)
                tell(ready, tally->zip, WEATHER_RECEIVING);
            answered = 1;
        } else if (sscanf(text, "%d %d", &zip, &temperature) == 2 && zip == tally->zip) {
            weather_count(tally, temperature);
        } else {
            fprintf(stderr, "not subscribed to '%s'\n", text);
            exit(1);
        }
    }
}

int main(int argc, char **argv)
{
    const char *updates_endpoint = text_argument(argc, argv, 1, "tcp://127.0.0.1:5556");
    const char *ready_endpoint = text_argument(argc, argv, 2, "tcp://127.0.0.1:5566");
    struct tally tally = {(int) (count_argument(argc, argv, 3, 10001) % ZIP_CODES), 0, 0};
    char topic[16];

    void *context = check_handle(zmq_ctx_new(), "ctx_new");
    void *subscriber = check_handle(zmq_socket(context, ZMQ_SUB), "socket");
    void *ready = check_handle(zmq_socket(context, ZMQ_PUSH), "socket");
    snprintf(topic, sizeof topic, "%05d ", tally.zip);
    check(zmq_setsockopt(subscriber, ZMQ_SUBSCRIBE, topic, strlen(topic)), "setsockopt SUBSCRIBE");
    check(zmq_connect(subscriber, updates_endpoint), "connect");
    check(zmq_connect(ready, ready_endpoint), "connect");
    tell(ready, tally.zip, WEATHER_SUBSCRIBING);

    collect(subscriber, ready, &tally);

    weather_report(&tally, "received");
    zmq_close(ready);
    zmq_close(subscriber);
    zmq_ctx_term(context);
    return 0;
}
