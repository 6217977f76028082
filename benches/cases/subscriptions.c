/* One SUB with many subscriptions: how long until all of them work, how fast matching messages pass, and what it
 * costs both ends in memory.
 *
 * Arguments: subscriptions; size; window (window.h). The high-water marks are off on both sides, since subscriptions
 * beyond them get lost.
 */
#include <stdio.h>
#include <stdlib.h>

#include "args.h"
#include "clock.h"
#include "report.h"
#include "window.h"
#include "zsocket.h"

enum { PUBLISHER, SUBSCRIBER, SIDES };
enum { TOPIC_SIZE = 12, ZIGZAG = 7919 /* prime to any round number: every topic comes equally often */ };
enum { SUBSCRIBE_S = METER_VALUES };

static size_t message_size;
static uint64_t subscriptions;
static uint64_t width;

/* Topics of one length that share long prefixes, as names do. */
static void write_topic(char *topic, uint64_t number)
{
    topic[0] = 't';
    topic[TOPIC_SIZE - 1] = '/';
    for (int i = TOPIC_SIZE - 2; i > 0; i--) {
        topic[i] = (char)('0' + number % 10);
        number /= 10;
    }
}

/* Publishes under `topic` until the subscriber has said, `steps` times in all, that it got what it waits for. */
static void publish_until(void *socket, char *message, const char *topic, uint32_t steps)
{
    memcpy(message, topic, TOPIC_SIZE);
    while (counter_read(&shared->ready) < steps) {
        int events;
        size_t size = sizeof events;
        /* asking for the events makes the library look at what arrived, which sending does only now and then */
        if (zmq_getsockopt(socket, ZMQ_EVENTS, &events, &size) != 0)
            zfail("zmq_getsockopt EVENTS");
        stamp_write(message + TOPIC_SIZE, message_size - TOPIC_SIZE, MARK_SYNC);
        zsend(socket, message, message_size, 0);
        pause_ns(20 * NS_PER_US);
    }
}

static void publish(const struct side *side)
{
    void *socket = zsocket(side, ZMQ_PUB);
    char *message = message_buffer(message_size);
    zbind(side, socket);
    publish_until(socket, message, "connected???", 1);
    publish_until(socket, message, "subscribed??", 2);
    struct pace pace = pace_begin();
    struct window window = window_open(SUBSCRIBER, 1, width);
    uint64_t topic = 0;
    for (uint64_t stamp = 0; !(stamp & MARK_END);) {
        window_send(&window, pace.sent);
        stamp = pace_next(&pace);
        if (stamp & MARK_START)
            usage_start(side);
        write_topic(message, topic);
        topic = (topic + ZIGZAG) % subscriptions;
        size_t size = message_size - (stamp & MARK_CUT ? 1 : 0);
        stamp_write(message + TOPIC_SIZE, message_size - TOPIC_SIZE, stamp & ~MARK_CUT);
        zsend(socket, message, size, 0);
    }
    counter_wait(&shared->done, 1);
    usage_stop(side);
    usage_peak(side);
    zclose(socket);
    free(message);
}

static void subscribe_to(void *socket, const char *topic)
{
    if (zmq_setsockopt(socket, ZMQ_SUBSCRIBE, topic, TOPIC_SIZE) != 0)
        zfail("zmq_setsockopt SUBSCRIBE");
}

static bool take(const struct side *side, void *socket, char *message, struct meter *meter)
{
    size_t size = zrecv(socket, message, message_size);
    if (size < TOPIC_SIZE)
        stamp_broken(size, message_size);
    return meter_take(meter, side, message + TOPIC_SIZE, size - TOPIC_SIZE, message_size - TOPIC_SIZE);
}

/* Waits until a message under this topic has come: then the subscriptions made before it work as well. */
static void await_topic(const struct side *side, void *socket, char *message, const char *topic)
{
    struct meter none = {0};
    subscribe_to(socket, topic);
    do
        take(side, socket, message, &none);
    while (memcmp(message, topic, TOPIC_SIZE) != 0);
    counter_add(&shared->ready, 1);
}

static void subscribe(const struct side *side)
{
    void *socket = zsocket(side, ZMQ_SUB);
    char *message = message_buffer(message_size);
    char topic[TOPIC_SIZE];
    struct meter meter = {0};
    zconnect(socket, PUBLISHER);
    await_topic(side, socket, message, "connected???");
    uint64_t begun = now_ns();
    for (uint64_t i = 0; i < subscriptions; i++) {
        write_topic(topic, i);
        subscribe_to(socket, topic);
    }
    await_topic(side, socket, message, "subscribed??");
    shared->side[SUBSCRIBER].values[SUBSCRIBE_S] = (double)(now_ns() - begun) / 1e9;
    while (!take(side, socket, message, &meter))
        window_note(side, meter.next);
    meter_store(&meter, side);
    counter_add(&shared->done, 1);
    zclose(socket);
    free(message);
}

static void body(struct side *side)
{
    if (side->index == PUBLISHER)
        publish(side);
    else
        subscribe(side);
}

int main(int argc, char **argv)
{
    struct plan plan = {.sides = SIDES, .body = body};
    args_init(argc, argv);
    zcase_args(&plan);
    message_size = (size_t)arg_int("size", 64);
    subscriptions = (uint64_t)arg_int("subscriptions", 100000);
    width = (uint64_t)arg_int("window", 20000);
    args_done();
    socket_hwm = 0;
    sides_run(&plan);
    struct total total = meters_total(SUBSCRIBER, 1, SIDES);
    zcase_report("subscriptions");
    report_number("subscribe_s", shared->side[SUBSCRIBER].values[SUBSCRIBE_S]);
    report_number("messages_per_s", total.per_s);
    report_usage(SIDES, total.messages);
    report_end();
    return 0;
}
