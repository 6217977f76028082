/* Short-lived clients: each opens a PUSH socket, connects, sends one message and closes, to a PULL that stays.
 *
 * Arguments: window, how many messages may be on their way at a time, so that closing sockets do not pile up without
 * bound; size. Messages of different connections may overtake each other; each must come exactly once.
 */
#include <stdlib.h>

#include "args.h"
#include "clock.h"
#include "report.h"
#include "zsocket.h"

enum { RECEIVER, SENDER, SIDES };
enum { MOST_MESSAGES = 1 << 20 };

static size_t message_size;
static uint32_t width;

static void churn(const struct side *side)
{
    void *message = message_buffer(message_size);
    struct pace pace = pace_begin();
    for (uint64_t stamp = 0; !(stamp & MARK_END);) {
        if (pace.sent >= width)
            counter_wait(&shared->ready, (uint32_t)pace.sent - width + 1);
        stamp = pace_next(&pace);
        if (stamp & MARK_START)
            usage_start(side);
        void *socket = zsocket(side, ZMQ_PUSH);
        zconnect(socket, RECEIVER);
        zsend_stamped(socket, message, message_size, stamp, 0);
        zclose(socket);
    }
    counter_wait(&shared->done, 1);
    usage_stop(side);
    usage_peak(side);
    free(message);
}

static void note(unsigned char *seen, uint64_t sequence)
{
    if (sequence >= MOST_MESSAGES)
        fail("more than %d messages", MOST_MESSAGES);
    if (seen[sequence]++)
        fail("message %llu came twice", (unsigned long long)sequence);
}

static void receive(const struct side *side)
{
    unsigned char *seen = message_buffer(MOST_MESSAGES);
    void *message = message_buffer(message_size);
    void *socket = zsocket(side, ZMQ_PULL);
    struct meter meter = {0};
    zbind(side, socket);
    /* as many as the last one's number says; if one is missing, the run ends by its deadline */
    for (uint64_t total = UINT64_MAX; meter.next < total; meter.next++) {
        uint64_t stamp = stamp_read(message, zrecv(socket, message, message_size), message_size);
        note(seen, stamp & SEQUENCE);
        if (stamp & MARK_START)
            meter_mark(&meter, side, MARK_START);
        if (stamp & MARK_END)
            total = (stamp & SEQUENCE) + 1;
        counter_add(&shared->ready, 1);
    }
    meter_mark(&meter, side, MARK_END);
    meter_store(&meter, side);
    counter_add(&shared->done, 1);
    zclose(socket);
    free(message);
    free(seen);
}

static void body(struct side *side)
{
    if (side->index == RECEIVER)
        receive(side);
    else
        churn(side);
}

int main(int argc, char **argv)
{
    struct plan plan = {.sides = SIDES, .body = body};
    args_init(argc, argv);
    zcase_args(&plan);
    message_size = (size_t)arg_int("size", 64);
    width = (uint32_t)arg_int("window", 1);
    args_done();
    context_max_sockets = 4096;
    sides_run(&plan);
    struct total total = meters_total(RECEIVER, 1, SENDER);
    zcase_report("churn");
    report_number("connections_per_s", total.per_s);
    report_usage(SIDES, total.messages);
    report_end();
    return 0;
}
