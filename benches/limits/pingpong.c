/* The limit of a round trip: one message to and fro between two processes over a bare socket, or between two threads
 * through memory.
 *
 * Arguments: transport=tcp|ipc|inproc (memory: a word that changes); mode=block (recv, or a futex) or spin; pin, size
 * and pause_us as in the reqrep case. The figures are for one way.
 */
#include <linux/futex.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "args.h"
#include "clock.h"
#include "histogram.h"
#include "pace.h"
#include "raw.h"
#include "report.h"

enum { SERVER, CLIENT, SIDES };
enum { P50, P99, TRIPS };
enum { MOST_SIZE = 4096 };

static const char *transport, *pin;
static size_t message_size;
static uint64_t between_trips_ns;
static bool memory, spin;

/* The word that both threads look at, and the message beside it. */
static struct {
    _Alignas(64) _Atomic uint32_t turn;
    _Alignas(64) char message[MOST_SIZE];
} room;

static void await_turn(uint32_t turn)
{
    uint32_t seen;
    while ((seen = atomic_load_explicit(&room.turn, memory_order_acquire)) != turn) {
        if (spin)
            spin_pause();
        else
            syscall(SYS_futex, &room.turn, FUTEX_WAIT_PRIVATE, seen, NULL, NULL, 0);
    }
}

static void give_turn(uint32_t turn)
{
    atomic_store_explicit(&room.turn, turn, memory_order_release);
    if (!spin)
        syscall(SYS_futex, &room.turn, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

static void send_message(int fd, uint32_t to, const void *message)
{
    if (memory) {
        memcpy(room.message, message, message_size);
        give_turn(to);
    } else {
        raw_write(fd, message, message_size);
    }
}

static void receive_message(int fd, uint32_t me, void *message)
{
    if (memory) {
        await_turn(me);
        memcpy(message, room.message, message_size);
    } else {
        raw_read(fd, message, message_size, spin);
    }
}

static void serve(const struct side *side)
{
    static char message[MOST_SIZE];
    int listener = memory ? -1 : raw_listen(side, transport);
    int fd = memory ? -1 : raw_accept(listener);
    uint64_t next = 0;
    for (uint64_t marks = 0; !(marks & MARK_END);) {
        receive_message(fd, SERVER + 1, message);
        marks = stamp_follow(message, message_size, message_size, &next);
        send_message(fd, CLIENT + 1, message);
    }
}

static void ask(void)
{
    static char message[MOST_SIZE];
    static struct histogram trips;
    int fd = memory ? -1 : raw_connect(SERVER, transport);
    struct pace pace = pace_begin();
    bool started = false;
    for (uint64_t stamp = 0; !(stamp & MARK_END);) {
        stamp = pace_next(&pace);
        started |= (stamp & MARK_START) != 0;
        uint64_t begun = now_ns();
        stamp_write(message, message_size, stamp);
        send_message(fd, SERVER + 1, message);
        receive_message(fd, CLIENT + 1, message);
        if (started)
            histogram_add(&trips, now_ns() - begun);
        if (stamp_read(message, message_size, message_size) != stamp)
            fail("the answer is not the question");
        if (between_trips_ns > 0)
            pause_ns(between_trips_ns);
    }
    double *values = shared->side[CLIENT].values;
    values[P50] = histogram_part(&trips, 0.5) / 2000;
    values[P99] = histogram_part(&trips, 0.99) / 2000;
    values[TRIPS] = (double)trips.count;
}

static void body(struct side *side)
{
    if (side->index == SERVER)
        serve(side);
    else
        ask();
}

static bool pinned(int side, int *cpu)
{
    *cpu = is(pin, "apart") ? side : 0;
    return !is(pin, "none");
}

int main(int argc, char **argv)
{
    struct plan plan = {.sides = SIDES, .pinned = pinned, .body = body};
    args_init(argc, argv);
    pace_args();
    transport = arg_text("transport", "tcp");
    pin = arg_text("pin", "none");
    message_size = (size_t)arg_int("size", 64);
    between_trips_ns = (uint64_t)arg_int("pause_us", 0) * NS_PER_US;
    memory = is(transport, "inproc");
    spin = is(arg_text("mode", "block"), "spin");
    args_done();
    plan.threads = memory;
    sides_run(&plan);
    const double *values = shared->side[CLIENT].values;
    report_begin("limit_pingpong");
    report_number("p50_us", values[P50]);
    report_number("p99_us", values[P99]);
    report_number("trips", values[TRIPS]);
    report_end();
    return 0;
}
