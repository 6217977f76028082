/* Messages of several frames from a DEALER to a ROUTER, which receives them with their routing id.
 *
 * Arguments: frames; size, of each frame. Every frame is stamped; a message that arrives with more or fewer frames ends
 * the run.
 */
#include <stdlib.h>

#include "args.h"
#include "report.h"
#include "zsocket.h"

enum { RECEIVER, SENDER, SIDES };

static size_t frame_size;
static int frames;

static void send_all(const struct side *side)
{
    void *socket = zsocket(side, ZMQ_DEALER);
    void *frame = message_buffer(frame_size);
    zconnect(socket, RECEIVER);
    struct pace pace = pace_begin();
    for (uint64_t stamp = 0; !(stamp & MARK_END);) {
        stamp = pace_next(&pace);
        if (stamp & MARK_START)
            usage_start(side);
        for (int i = 1; i < frames; i++)
            zsend_stamped(socket, frame, frame_size, stamp & ~MARK_CUT, ZMQ_SNDMORE);
        zsend_stamped(socket, frame, frame_size, stamp, 0);
    }
    counter_wait(&shared->done, 1);
    usage_stop(side);
    usage_peak(side);
    zclose(socket);
    free(frame);
}

static void receive_frame(void *socket, zmq_msg_t *frame, bool last)
{
    if (zmq_msg_recv(frame, socket, 0) < 0)
        zfail("zmq_msg_recv");
    if ((zmq_msg_more(frame) == 0) != last)
        fail("a message with more or fewer frames than were sent");
}

static void receive_all(const struct side *side)
{
    void *socket = zsocket(side, ZMQ_ROUTER);
    struct meter meter = {0};
    zmq_msg_t frame;
    zmq_msg_init(&frame);
    zbind(side, socket);
    for (bool last = false; !last;) {
        receive_frame(socket, &frame, false); /* the routing id */
        for (int i = 1; i < frames; i++) {
            receive_frame(socket, &frame, false);
            uint64_t stamp = stamp_read(zmq_msg_data(&frame), zmq_msg_size(&frame), frame_size);
            if ((stamp & SEQUENCE) != meter.next)
                stamp_misplaced(stamp & SEQUENCE, meter.next);
        }
        receive_frame(socket, &frame, true);
        last = meter_take(&meter, side, zmq_msg_data(&frame), zmq_msg_size(&frame), frame_size);
    }
    meter_store(&meter, side);
    counter_add(&shared->done, 1);
    zmq_msg_close(&frame);
    zclose(socket);
}

static void body(struct side *side)
{
    if (side->index == RECEIVER)
        receive_all(side);
    else
        send_all(side);
}

int main(int argc, char **argv)
{
    struct plan plan = {.sides = SIDES, .body = body};
    args_init(argc, argv);
    zcase_args(&plan);
    frame_size = (size_t)arg_int("size", 64);
    frames = (int)arg_int("frames", 3);
    args_done();
    sides_run(&plan);
    struct total total = meters_total(RECEIVER, 1, SENDER);
    zcase_report("multipart");
    report_number("messages_per_s", total.per_s);
    report_usage(SIDES, total.messages);
    report_end();
    return 0;
}
