/* PUSH/PULL: one sender floods one receiver, over one connection; or several such pairs side by side.
 *
 * Arguments: size; pairs; api=buffer (zmq_send and zmq_recv) or message (zmq_msg_send and zmq_msg_recv, the sender
 * filling a new message each time).
 */
#include <stdlib.h>

#include "args.h"
#include "clock.h"
#include "report.h"
#include "zsocket.h"

static size_t message_size;
static int pairs;
static bool by_message;

static void send_message(void *socket, uint64_t stamp)
{
    zmq_msg_t message;
    size_t size = message_size - (stamp & MARK_CUT ? 1 : 0);
    if (zmq_msg_init_size(&message, size) != 0)
        zfail("zmq_msg_init_size");
    stamp_write(zmq_msg_data(&message), size, stamp & ~MARK_CUT);
    if (zmq_msg_send(&message, socket, 0) < 0)
        zfail("zmq_msg_send");
}

static void push(const struct side *side)
{
    void *socket = zsocket(side, ZMQ_PUSH);
    void *buffer = message_buffer(message_size);
    zconnect(socket, side->index - 1);
    counter_add(&shared->ready, 1);
    counter_wait(&shared->ready, (uint32_t)pairs); /* all pairs at the same time */
    struct pace pace = pace_begin();
    for (uint64_t stamp = 0; !(stamp & MARK_END);) {
        stamp = pace_next(&pace);
        if (stamp & MARK_START)
            usage_start(side);
        if (by_message)
            send_message(socket, stamp);
        else
            zsend_stamped(socket, buffer, message_size, stamp, 0);
    }
    counter_wait(&shared->done, (uint32_t)pairs);
    usage_stop(side);
    usage_peak(side);
    zclose(socket);
    free(buffer);
}

static void pull_buffers(const struct side *side, void *socket, struct meter *meter)
{
    void *buffer = message_buffer(message_size);
    while (!meter_take(meter, side, buffer, zrecv(socket, buffer, message_size), message_size))
        ;
    free(buffer);
}

static void pull_messages(const struct side *side, void *socket, struct meter *meter)
{
    bool last = false;
    while (!last) {
        zmq_msg_t message;
        zmq_msg_init(&message);
        if (zmq_msg_recv(&message, socket, 0) < 0)
            zfail("zmq_msg_recv");
        last = meter_take(meter, side, zmq_msg_data(&message), zmq_msg_size(&message), message_size);
        zmq_msg_close(&message);
    }
}

static void pull(const struct side *side)
{
    void *socket = zsocket(side, ZMQ_PULL);
    struct meter meter = {0};
    zbind(side, socket);
    if (by_message)
        pull_messages(side, socket, &meter);
    else
        pull_buffers(side, socket, &meter);
    meter_store(&meter, side);
    counter_add(&shared->done, 1);
    zclose(socket);
}

static void body(struct side *side)
{
    if (side->index % 2 == 0)
        pull(side);
    else
        push(side);
}

int main(int argc, char **argv)
{
    struct plan plan = {.body = body};
    args_init(argc, argv);
    zcase_args(&plan);
    message_size = (size_t)arg_int("size", 64);
    pairs = (int)arg_int("pairs", 1);
    by_message = is(arg_text("api", "buffer"), "message");
    args_done();
    plan.sides = 2 * pairs;
    sides_run(&plan);
    struct total total = meters_total(0, 2, plan.sides);
    zcase_report("stream");
    report_number("messages_per_s", total.per_s);
    report_usage(plan.sides, total.messages);
    report_end();
    return 0;
}
