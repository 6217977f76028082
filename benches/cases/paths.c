/* Short paths through the library on one thread, without waiting: for counting instructions, which then hardly vary.
 *
 * Arguments: path=push_pull (inproc; burst messages are sent, then received), request_reply (inproc, both ends),
 * message (init_size, fill, move, copy, close); size; burst; count, how many messages or trips.
 */
#include <stdio.h>
#include <stdlib.h>

#include "args.h"
#include "report.h"
#include "zsocket.h"

enum { SIDES = 1 };

static const char *path;
static size_t message_size;
static uint64_t count, burst;

static void open_pair(const struct side *side, int from_type, int to_type, void **from, void **to)
{
    *to = zsocket(side, to_type);
    *from = zsocket(side, from_type);
    zbind(side, *to);
    zconnect(*from, side->index);
}

static void push_pull(const struct side *side)
{
    void *push, *pull;
    void *message = message_buffer(message_size);
    uint64_t next = 0;
    open_pair(side, ZMQ_PUSH, ZMQ_PULL, &push, &pull);
    for (uint64_t sent = 0; sent < count;) {
        for (uint64_t i = 0; i < burst; i++)
            zsend_stamped(push, message, message_size, sent++, 0);
        while (next < sent)
            stamp_follow(message, zrecv(pull, message, message_size), message_size, &next);
    }
    zclose(push);
    zclose(pull);
    free(message);
}

static void request_reply(const struct side *side)
{
    void *req, *rep;
    void *message = message_buffer(message_size);
    uint64_t asked = 0, answered = 0;
    open_pair(side, ZMQ_REQ, ZMQ_REP, &req, &rep);
    while (answered < count) {
        zsend_stamped(req, message, message_size, asked, 0);
        stamp_follow(message, zrecv(rep, message, message_size), message_size, &asked);
        zsend_stamped(rep, message, message_size, answered, 0);
        stamp_follow(message, zrecv(req, message, message_size), message_size, &answered);
    }
    zclose(req);
    zclose(rep);
    free(message);
}

static void checked(int rc, const char *call)
{
    if (rc != 0)
        zfail(call);
}

static void one_message(uint64_t number)
{
    zmq_msg_t first, second, third;
    checked(zmq_msg_init_size(&first, message_size), "zmq_msg_init_size");
    stamp_write(zmq_msg_data(&first), message_size, number);
    checked(zmq_msg_init(&second), "zmq_msg_init");
    checked(zmq_msg_init(&third), "zmq_msg_init");
    checked(zmq_msg_move(&second, &first), "zmq_msg_move");
    checked(zmq_msg_copy(&third, &second), "zmq_msg_copy");
    checked(zmq_msg_close(&second), "zmq_msg_close");
    if (stamp_read(zmq_msg_data(&third), zmq_msg_size(&third), message_size) != number)
        stamp_misplaced(0, number);
    checked(zmq_msg_close(&third), "zmq_msg_close");
    checked(zmq_msg_close(&first), "zmq_msg_close");
}

static void body(struct side *side)
{
    if (is(path, "push_pull"))
        push_pull(side);
    else if (is(path, "request_reply"))
        request_reply(side);
    else
        for (uint64_t i = 0; i < count; i++)
            one_message(i);
}

int main(int argc, char **argv)
{
    struct plan plan = {.sides = SIDES, .body = body};
    args_init(argc, argv);
    path = arg_text("path", "message");
    if (!is(path, "push_pull") && !is(path, "request_reply") && !is(path, "message")) {
        fprintf(stderr, "unknown path: %s\n", path);
        return 2;
    }
    message_size = (size_t)arg_int("size", 64);
    burst = (uint64_t)arg_int("burst", 1);
    count = (uint64_t)arg_int("count", 1000);
    zcase_for(&plan, "inproc");
    args_done();
    sides_run(&plan);
    zcase_report("paths");
    report_number("messages", (double)count);
    report_end();
    return 0;
}
