/* The limit of a stream: length-prefixed messages copied into batches, the batches written to a bare socket or handed
 * over through a ring in memory, and the messages copied out again and checked.
 *
 * Arguments: transport=tcp|ipc|inproc (the ring); size.
 */
#include <stdlib.h>
#include <sys/socket.h>

#include "args.h"
#include "clock.h"
#include "pace.h"
#include "raw.h"
#include "report.h"

enum { RECEIVER, SENDER, SIDES };
/* A ring's batches are small enough to stay in the caches on their way. */
enum { BATCH_SIZE = 64 << 10, SLOT_SIZE = 8 << 10, SLOTS = 8 };

static const char *transport;
static size_t message_size;
static bool memory;

struct slot {
    _Alignas(64) _Atomic uint32_t filled; /* bytes that the receiver may take; 0: the sender may fill it */
    _Alignas(64) char bytes[SLOT_SIZE];
};

static struct slot ring[SLOTS];

/* One end: the batch at hand, and where the next one comes from or goes to. */
struct end {
    int fd;
    unsigned slot;
    char *at, *end;
    char bytes[BATCH_SIZE];
};

static void begin_batch(struct end *out)
{
    if (memory) {
        struct slot *slot = &ring[out->slot];
        while (atomic_load_explicit(&slot->filled, memory_order_acquire) != 0)
            spin_pause();
        out->at = slot->bytes;
        out->end = slot->bytes + SLOT_SIZE;
    } else {
        out->at = out->bytes;
        out->end = out->bytes + BATCH_SIZE;
    }
}

static void end_batch(struct end *out)
{
    if (memory) {
        struct slot *slot = &ring[out->slot];
        atomic_store_explicit(&slot->filled, (uint32_t)(out->at - slot->bytes), memory_order_release);
        out->slot = (out->slot + 1) % SLOTS;
    } else {
        raw_write(out->fd, out->bytes, (size_t)(out->at - out->bytes));
    }
}

static void put(struct end *out, const void *data, size_t size)
{
    const char *from = data;
    while (size > 0) {
        if (out->at == out->end) {
            end_batch(out);
            begin_batch(out);
        }
        size_t room = (size_t)(out->end - out->at);
        size_t part = size < room ? size : room;
        memcpy(out->at, from, part);
        out->at += part;
        from += part;
        size -= part;
    }
}

static void fetch_batch(struct end *in)
{
    if (memory) {
        struct slot *slot = &ring[in->slot];
        if (in->at != NULL) {
            atomic_store_explicit(&slot->filled, 0, memory_order_release);
            in->slot = (in->slot + 1) % SLOTS;
            slot = &ring[in->slot];
        }
        uint32_t filled;
        while ((filled = atomic_load_explicit(&slot->filled, memory_order_acquire)) == 0)
            spin_pause();
        in->at = slot->bytes;
        in->end = slot->bytes + filled;
    } else {
        ssize_t got = recv(in->fd, in->bytes, sizeof in->bytes, 0);
        if (got <= 0)
            fail("the stream ended early");
        in->at = in->bytes;
        in->end = in->bytes + got;
    }
}

static void get(struct end *in, void *data, size_t size)
{
    char *to = data;
    while (size > 0) {
        if (in->at == in->end)
            fetch_batch(in);
        size_t there = (size_t)(in->end - in->at);
        size_t part = size < there ? size : there;
        memcpy(to, in->at, part);
        in->at += part;
        to += part;
        size -= part;
    }
}

/* Most messages lie in one batch: their prefix and body are then copied without a loop. */
static inline void put_message(struct end *out, const void *message, uint32_t size)
{
    if ((size_t)(out->end - out->at) >= sizeof size + size) {
        memcpy(out->at, &size, sizeof size);
        memcpy(out->at + sizeof size, message, size);
        out->at += sizeof size + size;
        return;
    }
    put(out, &size, sizeof size);
    put(out, message, size);
}

static inline uint32_t get_message(struct end *in, void *message)
{
    uint32_t size;
    if ((size_t)(in->end - in->at) >= sizeof size + message_size) {
        memcpy(&size, in->at, sizeof size);
        memcpy(message, in->at + sizeof size, message_size);
        in->at += sizeof size + message_size;
        return size;
    }
    get(in, &size, sizeof size);
    if (size <= message_size)
        get(in, message, size);
    return size;
}

static void send_all(const struct side *side)
{
    static struct end out;
    void *message = calloc(1, message_size);
    out.fd = memory ? -1 : raw_connect(RECEIVER, transport);
    begin_batch(&out);
    struct pace pace = pace_begin();
    for (uint64_t stamp = 0; !(stamp & MARK_END);) {
        stamp = pace_next(&pace);
        if (stamp & MARK_START)
            usage_start(side);
        stamp_write(message, message_size, stamp);
        put_message(&out, message, (uint32_t)message_size);
    }
    end_batch(&out);
    counter_wait(&shared->done, 1);
    usage_stop(side);
    free(message);
}

static void receive_all(const struct side *side)
{
    static struct end in;
    void *message = calloc(1, message_size);
    struct meter meter = {0};
    in.fd = memory ? -1 : raw_accept(raw_listen(side, transport));
    while (!meter_take(&meter, side, message, get_message(&in, message), message_size))
        ;
    meter_store(&meter, side);
    counter_add(&shared->done, 1);
    free(message);
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
    pace_args();
    transport = arg_text("transport", "tcp");
    message_size = (size_t)arg_int("size", 64);
    memory = is(transport, "inproc");
    args_done();
    plan.threads = memory;
    sides_run(&plan);
    struct total total = meters_total(RECEIVER, 1, SENDER);
    report_begin("limit_stream");
    report_number("messages_per_s", total.per_s);
    report_usage(SIDES, total.messages);
    report_end();
    return 0;
}
