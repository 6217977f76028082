/* The limit of a server with many peers: one process echoes on bare connections, found by epoll; the other keeps one
 * message under way on each and takes the answers in turn.
 *
 * Arguments: peers; size; transport=tcp|ipc.
 */
#include <stdlib.h>
#include <sys/epoll.h>

#include "args.h"
#include "pace.h"
#include "raw.h"
#include "report.h"

enum { SERVER, CLIENT, SIDES };
enum { MOST_SIZE = 4096, MOST_EVENTS = 256 };

static const char *transport;
static size_t message_size;
static int peers;

static int accept_all(const struct side *side)
{
    int listener = raw_listen(side, transport);
    int set = epoll_create1(EPOLL_CLOEXEC);
    for (int i = 0; i < peers; i++) {
        int fd = raw_accept(listener);
        struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
        if (epoll_ctl(set, EPOLL_CTL_ADD, fd, &event) != 0)
            fail("epoll_ctl");
    }
    return set;
}

static void serve(const struct side *side)
{
    static char message[MOST_SIZE];
    static struct epoll_event events[MOST_EVENTS];
    int set = accept_all(side);
    uint64_t total = UINT64_MAX;
    for (uint64_t answered = 0; answered < total;) {
        int ready = epoll_wait(set, events, MOST_EVENTS, -1);
        for (int i = 0; i < ready; i++, answered++) {
            raw_read(events[i].data.fd, message, message_size, false);
            uint64_t stamp = stamp_read(message, message_size, message_size);
            if (stamp & MARK_END)
                total = (stamp & SEQUENCE) + 1;
            raw_write(events[i].data.fd, message, message_size);
        }
    }
}

static bool ask(const int *fds, struct pace *pace)
{
    static char message[MOST_SIZE];
    int fd = fds[pace->sent % (uint64_t)peers];
    uint64_t stamp = pace_next(pace);
    stamp_write(message, message_size, stamp);
    raw_write(fd, message, message_size);
    return !(stamp & MARK_END);
}

static void client(const struct side *side)
{
    static char message[MOST_SIZE];
    int *fds = calloc((size_t)peers, sizeof *fds);
    struct meter meter = {0};
    for (int i = 0; i < peers; i++)
        fds[i] = raw_connect(SERVER, transport);
    struct pace pace = pace_begin();
    bool more = true;
    while (more && pace.sent < (uint64_t)peers)
        more = ask(fds, &pace);
    for (bool last = false; !last;) {
        raw_read(fds[meter.next % (uint64_t)peers], message, message_size, false);
        last = meter_take(&meter, side, message, message_size, message_size);
        if (more)
            more = ask(fds, &pace);
    }
    meter_store(&meter, side);
    free(fds);
}

static void body(struct side *side)
{
    if (side->index == SERVER)
        serve(side);
    else
        client(side);
}

int main(int argc, char **argv)
{
    struct plan plan = {.sides = SIDES, .body = body};
    args_init(argc, argv);
    pace_args();
    transport = arg_text("transport", "tcp");
    message_size = (size_t)arg_int("size", 64);
    peers = (int)arg_int("peers", 1);
    args_done();
    sides_run(&plan);
    report_begin("limit_mux");
    report_number("requests_per_s", meters_total(CLIENT, 1, SIDES).per_s);
    report_end();
    return 0;
}
