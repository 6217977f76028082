/* One PUB floods several SUB, each subscribed to everything.
 *
 * Arguments: size; subscribers; window. A PUB drops what a slow SUB cannot take, and a benchmark must not lose
 * messages: so there is no high-water mark, and the publisher keeps a window instead (window.h).
 */
#include <stdlib.h>

#include "args.h"
#include "clock.h"
#include "report.h"
#include "window.h"
#include "zsocket.h"

enum { PUBLISHER, FIRST_SUBSCRIBER };

static size_t message_size;
static int subscribers;
static uint64_t width;

static void await_subscribers(void *socket, void *message)
{
    while (counter_read(&shared->ready) < (uint32_t)subscribers) {
        zsend_stamped(socket, message, message_size, MARK_SYNC, 0);
        pause_ns(NS_PER_MS);
    }
}

static void publish(const struct side *side)
{
    void *socket = zsocket(side, ZMQ_PUB);
    void *message = message_buffer(message_size);
    zbind(side, socket);
    await_subscribers(socket, message);
    struct pace pace = pace_begin();
    struct window window = window_open(FIRST_SUBSCRIBER, subscribers, width);
    for (uint64_t stamp = 0; !(stamp & MARK_END);) {
        window_send(&window, pace.sent);
        stamp = pace_next(&pace);
        if (stamp & MARK_START)
            usage_start(side);
        zsend_stamped(socket, message, message_size, stamp, 0);
    }
    counter_wait(&shared->done, (uint32_t)subscribers);
    usage_stop(side);
    usage_peak(side);
    zclose(socket);
    free(message);
}

static void subscribe(const struct side *side)
{
    void *socket = zsocket(side, ZMQ_SUB);
    void *message = message_buffer(message_size);
    struct meter meter = {0};
    if (zmq_setsockopt(socket, ZMQ_SUBSCRIBE, "", 0) != 0)
        zfail("zmq_setsockopt SUBSCRIBE");
    zconnect(socket, PUBLISHER);
    meter_take(&meter, side, message, zrecv(socket, message, message_size), message_size);
    counter_add(&shared->ready, 1); /* that was a MARK_SYNC, or meter_take would have found number 0 missing */
    while (!meter_take(&meter, side, message, zrecv(socket, message, message_size), message_size))
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
    struct plan plan = {.body = body};
    args_init(argc, argv);
    zcase_args(&plan);
    message_size = (size_t)arg_int("size", 64);
    subscribers = (int)arg_int("subscribers", 1);
    width = (uint64_t)arg_int("window", 20000);
    args_done();
    socket_hwm = 0;
    plan.sides = FIRST_SUBSCRIBER + subscribers;
    sides_run(&plan);
    struct total total = meters_total(FIRST_SUBSCRIBER, 1, plan.sides);
    zcase_report("pubsub");
    report_number("deliveries_per_s", total.per_s);
    report_usage(plan.sides, total.messages);
    report_end();
    return 0;
}
