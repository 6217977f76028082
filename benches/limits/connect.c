/* The limits of connecting with bare sockets: opening many connections and exchanging on each what a handshake needs;
 * or opening, sending one message and closing, over and over.
 *
 * Arguments: mode=open, with connections; mode=churn, with size.
 */
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "args.h"
#include "clock.h"
#include "pace.h"
#include "raw.h"
#include "report.h"

enum { ACCEPTOR, CONNECTOR, SIDES };
enum { SECONDS };
/* The bytes of a greeting and a READY command, roughly. */
enum { HANDSHAKE_SIZE = 64 + 40, MOST_SIZE = 4096 };

static int connections;
static size_t message_size;
static bool churning;

static void allow_descriptors(void)
{
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

static void accept_all(const struct side *side)
{
    char handshake[HANDSHAKE_SIZE];
    int listener = raw_listen(side, "tcp");
    for (int i = 0; i < connections; i++) {
        int fd = raw_accept(listener);
        raw_read(fd, handshake, sizeof handshake, false);
        raw_write(fd, handshake, sizeof handshake);
    }
    counter_wait(&shared->done, 1);
}

static void open_all(void)
{
    char handshake[HANDSHAKE_SIZE] = {0};
    int *fds = calloc((size_t)connections, sizeof *fds);
    endpoint_await(ACCEPTOR);
    uint64_t begun = now_ns();
    for (int i = 0; i < connections; i++) {
        fds[i] = raw_connect(ACCEPTOR, "tcp");
        raw_write(fds[i], handshake, sizeof handshake);
    }
    for (int i = 0; i < connections; i++)
        raw_read(fds[i], handshake, sizeof handshake, false);
    shared->side[CONNECTOR].values[SECONDS] = (double)(now_ns() - begun) / 1e9;
    counter_add(&shared->done, 1);
    for (int i = 0; i < connections; i++)
        raw_reset(fds[i]);
    free(fds);
}

static void accept_churn(const struct side *side)
{
    static char message[MOST_SIZE];
    struct meter meter = {0};
    int listener = raw_listen(side, "tcp");
    for (bool last = false; !last;) {
        int fd = raw_accept(listener);
        raw_read(fd, message, message_size, false);
        last = meter_take(&meter, side, message, message_size, message_size);
        close(fd);
    }
    meter_store(&meter, side);
}

static void churn(void)
{
    static char message[MOST_SIZE];
    struct pace pace = pace_begin();
    for (uint64_t stamp = 0; !(stamp & MARK_END);) {
        stamp = pace_next(&pace);
        int fd = raw_connect(ACCEPTOR, "tcp");
        stamp_write(message, message_size, stamp);
        raw_write(fd, message, message_size);
        close(fd);
    }
}

static void body(struct side *side)
{
    allow_descriptors();
    if (side->index == ACCEPTOR)
        (churning ? accept_churn : accept_all)(side);
    else if (churning)
        churn();
    else
        open_all();
}

int main(int argc, char **argv)
{
    struct plan plan = {.sides = SIDES, .body = body};
    args_init(argc, argv);
    pace_args();
    churning = is(arg_text("mode", "open"), "churn");
    connections = (int)arg_int("connections", 1000);
    message_size = (size_t)arg_int("size", 64);
    args_done();
    sides_run(&plan);
    report_begin("limit_connect");
    if (churning)
        report_number("connections_per_s", meters_total(ACCEPTOR, 1, CONNECTOR).per_s);
    else
        report_number("open_s", shared->side[CONNECTOR].values[SECONDS]);
    report_end();
    return 0;
}
