/* What a design with an I/O thread between the application and the socket costs by itself: application -> eventfd ->
 * I/O thread -> socket -> I/O thread -> eventfd -> application, and back, one message under way.
 *
 * Arguments: transport=tcp|ipc; size; pin as in the reqrep case. Half a round trip.
 */
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "args.h"
#include "clock.h"
#include "histogram.h"
#include "pace.h"
#include "raw.h"
#include "report.h"

enum { SERVER, CLIENT, SIDES };
enum { P50 };
enum { MOST_SIZE = 4096 };

static const char *transport, *pin;
static size_t message_size;

/* One process: its application thread and its I/O thread. */
struct relay {
    int fd;
    int to_io, to_application;
    char outgoing[MOST_SIZE], incoming[MOST_SIZE];
};

static void signal_event(int fd)
{
    uint64_t one = 1;
    if (write(fd, &one, sizeof one) != sizeof one)
        fail("eventfd write");
}

static void take_event(int fd)
{
    uint64_t count;
    if (read(fd, &count, sizeof count) != sizeof count)
        fail("eventfd read");
}

static void watch(int set, int fd)
{
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    if (epoll_ctl(set, EPOLL_CTL_ADD, fd, &event) != 0)
        fail("epoll_ctl");
}

static void *run_io(void *arg)
{
    struct relay *relay = arg;
    int set = epoll_create1(EPOLL_CLOEXEC);
    watch(set, relay->fd);
    watch(set, relay->to_io);
    for (;;) {
        struct epoll_event event;
        if (epoll_wait(set, &event, 1, -1) != 1)
            continue;
        if (event.data.fd == relay->to_io) {
            take_event(relay->to_io);
            raw_write(relay->fd, relay->outgoing, message_size);
        } else {
            ssize_t got = read(relay->fd, relay->incoming, message_size);
            if (got == 0)
                return NULL; /* the other process is done */
            if (got != (ssize_t)message_size)
                fail("half a message");
            signal_event(relay->to_application);
        }
    }
}

static void open_relay(struct relay *relay, int fd)
{
    pthread_t thread;
    relay->fd = fd;
    relay->to_io = eventfd(0, EFD_CLOEXEC);
    relay->to_application = eventfd(0, EFD_CLOEXEC);
    if (pthread_create(&thread, NULL, run_io, relay) != 0)
        fail("cannot start the I/O thread");
    pthread_detach(thread);
}

static void send_message(struct relay *relay, uint64_t stamp)
{
    stamp_write(relay->outgoing, message_size, stamp);
    signal_event(relay->to_io);
}

static uint64_t receive_message(struct relay *relay)
{
    take_event(relay->to_application);
    return stamp_read(relay->incoming, message_size, message_size);
}

static void serve(const struct side *side)
{
    static struct relay relay;
    open_relay(&relay, raw_accept(raw_listen(side, transport)));
    for (uint64_t stamp = 0; !(stamp & MARK_END);) {
        stamp = receive_message(&relay);
        send_message(&relay, stamp);
    }
    counter_wait(&shared->done, 1);
}

static void ask(void)
{
    static struct relay relay;
    static struct histogram trips;
    open_relay(&relay, raw_connect(SERVER, transport));
    struct pace pace = pace_begin();
    bool started = false;
    for (uint64_t stamp = 0; !(stamp & MARK_END);) {
        stamp = pace_next(&pace);
        started |= (stamp & MARK_START) != 0;
        uint64_t begun = now_ns();
        send_message(&relay, stamp);
        if (receive_message(&relay) != stamp)
            fail("the answer is not the question");
        if (started)
            histogram_add(&trips, now_ns() - begun);
    }
    shared->side[CLIENT].values[P50] = histogram_part(&trips, 0.5) / 2000;
    counter_add(&shared->done, 1);
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
    args_done();
    sides_run(&plan);
    report_begin("limit_relay");
    report_number("p50_us", shared->side[CLIENT].values[P50]);
    report_end();
    return 0;
}
