/* One PUB floods several SUB, each subscribed to everything.
 *
 * Arguments: size; subscribers; processes, over which they are spread evenly; window. A PUB drops what a slow SUB cannot take, and a benchmark must not lose
 * messages: so there is no high-water mark, and the publisher keeps a window instead (window.h).
 */
#include <stdlib.h>

#include "args.h"
#include "clock.h"
#include "report.h"
#include "window.h"
#include "zsocket.h"

enum { PUBLISHER, FIRST_SUBSCRIBER };
enum { TURN = WINDOW_NOTE_EVERY };

static size_t message_size;
static int subscribers, per_process, processes;
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
    struct window window = window_open(FIRST_SUBSCRIBER, processes, width);
    for (uint64_t stamp = 0; !(stamp & MARK_END);) {
        window_send(&window, pace.sent);
        stamp = pace_next(&pace);
        if (stamp & MARK_START)
            usage_start(side);
        zsend_stamped(socket, message, message_size, stamp, 0);
    }
    counter_wait(&shared->done, (uint32_t)processes);
    usage_stop(side);
    usage_peak(side);
    zclose(socket);
    free(message);
}

static void *subscribed_socket(const struct side *side, void *message)
{
    void *socket = zsocket(side, ZMQ_SUB);
    struct meter none = {0};
    if (zmq_setsockopt(socket, ZMQ_SUBSCRIBE, "", 0) != 0)
        zfail("zmq_setsockopt SUBSCRIBE");
    zconnect(socket, PUBLISHER);
    meter_take(&none, side, message, zrecv(socket, message, message_size), message_size);
    counter_add(&shared->ready, 1); /* that was a MARK_SYNC, or meter_take would have found number 0 missing */
    return socket;
}

/* A turn's messages from one socket, not counting any MARK_SYNC before them: so all sockets stay in step and come to
 * the last message in the same turn. True after the last one. */
static bool take_turn(const struct side *side, void *socket, void *message, struct meter *meter)
{
    for (uint64_t until = meter->next + TURN; meter->next < until;) {
        if (meter_take(meter, side, message, zrecv(socket, message, message_size), message_size))
            return true;
    }
    return false;
}

/* All sockets of this process in turn; each gets the same messages. The process's figures are those of its first
 * socket's clock and of all sockets' messages. */
static void subscribe(const struct side *side)
{
    void *message = message_buffer(message_size);
    void **sockets = message_buffer((size_t)per_process * sizeof *sockets);
    struct meter *meters = message_buffer((size_t)per_process * sizeof *meters);
    for (int i = 0; i < per_process; i++)
        sockets[i] = subscribed_socket(side, message);
    for (bool last = false; !last;) {
        for (int i = 0; i < per_process; i++)
            last = take_turn(side, sockets[i], message, &meters[i]);
        window_note(side, meters[per_process - 1].next);
    }
    struct meter all = meters[0];
    all.end_ns = meters[per_process - 1].end_ns;
    meter_store(&all, side);
    shared->side[side->index].values[METER_MESSAGES] *= per_process;
    counter_add(&shared->done, 1);
    for (int i = 0; i < per_process; i++)
        zclose(sockets[i]);
    free(message);
    free(sockets);
    free(meters);
}

static void body(struct side *side)
{
    if (side->index == PUBLISHER)
        publish(side);
    else
        subscribe(side);
}

/* Some tens of thousands of deliveries under way: enough to keep all busy, and soon drained at the end. */
static long default_window(void)
{
    long window = 40000 / subscribers;
    return window < 1000 ? 1000 : window > 20000 ? 20000 : window;
}

int main(int argc, char **argv)
{
    struct plan plan = {.body = body};
    args_init(argc, argv);
    zcase_args(&plan);
    message_size = (size_t)arg_int("size", 64);
    subscribers = (int)arg_int("subscribers", 1);
    processes = (int)arg_int("processes", subscribers);
    per_process = subscribers / processes;
    width = (uint64_t)arg_int("window", default_window());
    args_done();
    socket_hwm = 0;
    plan.sides = FIRST_SUBSCRIBER + processes;
    sides_run(&plan);
    struct total total = meters_total(FIRST_SUBSCRIBER, 1, plan.sides);
    zcase_report("pubsub");
    report_number("deliveries_per_s", total.per_s);
    report_usage(plan.sides, total.messages);
    report_end();
    return 0;
}
