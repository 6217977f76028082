/* Short paths through the library with both ends on one thread: for counting instructions and system calls, which then
 * vary little, and over inproc hardly at all.
 *
 * Arguments: path=push_pull (burst messages are sent, then received), request_reply, publish (to each of the
 * subscribers a burst), message (init_size, fill, move, copy, close); transport (inproc, tcp, ipc); size; burst;
 * subscribers; count, how many messages or trips.
 */
#include <stdio.h>
#include <stdlib.h>

#include "args.h"
#include "clock.h"
#include "report.h"
#include "zsocket.h"

enum { SIDES = 1, MOST_SUBSCRIBERS = 100 };

static const char *path;
static size_t message_size;
static uint64_t count, burst;
static int subscribers;

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

/* A message that the stamps do not count, of this size: to all, and until each has got one. */
static void publish_until_heard(void *pub, void **subs, size_t size)
{
    char buffer[64] = "";
    bool heard[MOST_SUBSCRIBERS] = {false};
    for (int missing = subscribers; missing > 0; pause_ns(NS_PER_MS)) {
        zsend(pub, buffer, size, 0);
        for (int i = 0; i < subscribers; i++)
            while (!heard[i] && zmq_recv(subs[i], buffer, sizeof buffer, ZMQ_DONTWAIT) == (int)size) {
                heard[i] = true;
                missing--;
            }
    }
}

/* Reads up to a message of this size. */
static void skip_to(void *sub, size_t size)
{
    char buffer[64];
    while (zrecv(sub, buffer, sizeof buffer) != size)
        continue;
}

static void open_subscribed(const struct side *side, void **pub, void **subs)
{
    *pub = zsocket(side, ZMQ_PUB);
    zbind(side, *pub);
    for (int i = 0; i < subscribers; i++) {
        subs[i] = zsocket(side, ZMQ_SUB);
        if (zmq_setsockopt(subs[i], ZMQ_SUBSCRIBE, "", 0) != 0)
            zfail("zmq_setsockopt SUBSCRIBE");
        zconnect(subs[i], side->index);
    }
    publish_until_heard(*pub, subs, 1);
    zsend(*pub, "..", 2, 0);
    for (int i = 0; i < subscribers; i++)
        skip_to(subs[i], 2);
}

static void publish(const struct side *side)
{
    void *pub, *subs[MOST_SUBSCRIBERS];
    void *message = message_buffer(message_size);
    open_subscribed(side, &pub, subs);
    for (uint64_t sent = 0, before = 0; sent < count; before = sent) {
        for (uint64_t i = 0; i < burst; i++)
            zsend_stamped(pub, message, message_size, sent++, 0);
        for (int i = 0; i < subscribers; i++)
            for (uint64_t next = before; next < sent;)
                stamp_follow(message, zrecv(subs[i], message, message_size), message_size, &next);
    }
    zclose(pub);
    for (int i = 0; i < subscribers; i++)
        zclose(subs[i]);
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
    else if (is(path, "publish"))
        publish(side);
    else
        for (uint64_t i = 0; i < count; i++)
            one_message(i);
}

int main(int argc, char **argv)
{
    struct plan plan = {.sides = SIDES, .body = body};
    args_init(argc, argv);
    path = arg_text("path", "message");
    if (!is(path, "push_pull") && !is(path, "request_reply") && !is(path, "publish") && !is(path, "message")) {
        fprintf(stderr, "unknown path: %s\n", path);
        return 2;
    }
    message_size = (size_t)arg_int("size", 64);
    burst = (uint64_t)arg_int("burst", 1);
    count = (uint64_t)arg_int("count", 1000);
    subscribers = (int)arg_int("subscribers", 1);
    if (subscribers < 1 || subscribers > MOST_SUBSCRIBERS) {
        fprintf(stderr, "too many subscribers\n");
        return 2;
    }
    zcase_for(&plan, arg_text("transport", "inproc"));
    plan.threads = true;
    args_done();
    sides_run(&plan);
    zcase_report("paths");
    report_number("messages", (double)count);
    report_end();
    return 0;
}
