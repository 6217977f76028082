/* Many connections that do nothing: how long until all are open and shaken hands, and what memory each costs either
 * side. One ROUTER accepts; the other process connects as many DEALER sockets.
 *
 * Arguments: connections. Each DEALER says one number, by which the ROUTER knows that the handshake is done, and gets
 * it back after the memory has been measured, which shows that all connections live.
 */
#include <stdlib.h>
#include <sys/resource.h>

#include "args.h"
#include "clock.h"
#include "report.h"
#include "zsocket.h"

enum { ACCEPTOR, CONNECTOR, SIDES };
enum { GROWN_KB, SECONDS };
enum { HELLO_SIZE = 16, ID_SIZE = 16, SETTLE_MS = 200 };

static int connections;

struct peer {
    size_t id_size;
    char id[ID_SIZE];
};

/* Descriptors: one or two a connection. */
static void allow_descriptors(void)
{
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

static void note_growth(const struct side *side, double before_kb)
{
    pause_ns(SETTLE_MS * NS_PER_MS); /* to be idle is the work measured here */
    shared->side[side->index].values[GROWN_KB] = memory_kb("RssAnon") - before_kb;
}

static void take_hello(void *socket, struct peer *peers)
{
    char id[ID_SIZE], hello[HELLO_SIZE];
    size_t id_size = zrecv(socket, id, sizeof id);
    uint64_t number = stamp_read(hello, zrecv(socket, hello, sizeof hello), sizeof hello);
    if (number >= (uint64_t)connections || peers[number].id_size != 0)
        fail("hello %llu came twice or was never sent", (unsigned long long)number);
    peers[number].id_size = id_size;
    memcpy(peers[number].id, id, id_size);
}

static void accept_all(const struct side *side)
{
    struct peer *peers = message_buffer((size_t)connections * sizeof *peers);
    memset(peers, 1, (size_t)connections * sizeof *peers); /* resident before the measurement starts */
    memset(peers, 0, (size_t)connections * sizeof *peers);
    void *socket = zsocket(side, ZMQ_ROUTER);
    zset(socket, ZMQ_ROUTER_MANDATORY, 1);
    zbind(side, socket);
    double before_kb = memory_kb("RssAnon");
    counter_add(&shared->ready, 1);
    counter_wait(&shared->go, 1);
    uint64_t begun = now_ns();
    for (int i = 0; i < connections; i++)
        take_hello(socket, peers);
    shared->side[ACCEPTOR].values[SECONDS] = (double)(now_ns() - begun) / 1e9;
    counter_add(&shared->done, 1);
    note_growth(side, before_kb);
    counter_wait(&shared->done, 2);
    for (int i = 0; i < connections; i++) {
        char hello[HELLO_SIZE];
        zsend(socket, peers[i].id, peers[i].id_size, ZMQ_SNDMORE);
        stamp_write(hello, sizeof hello, (uint64_t)i);
        zsend(socket, hello, sizeof hello, 0);
    }
    usage_peak(side);
    counter_wait(&shared->done, 3);
    zclose(socket);
    free(peers);
}

static void connect_all(const struct side *side)
{
    char hello[HELLO_SIZE];
    void **sockets = message_buffer((size_t)connections * sizeof *sockets);
    counter_wait(&shared->ready, 1);
    zclose(zsocket(side, ZMQ_DEALER)); /* the context's threads are not a connection's cost */
    double before_kb = memory_kb("RssAnon");
    counter_add(&shared->go, 1);
    for (int i = 0; i < connections; i++) {
        sockets[i] = zsocket(side, ZMQ_DEALER);
        zconnect(sockets[i], ACCEPTOR);
        stamp_write(hello, sizeof hello, (uint64_t)i);
        zsend(sockets[i], hello, sizeof hello, 0);
    }
    counter_wait(&shared->done, 1);
    note_growth(side, before_kb);
    counter_add(&shared->done, 1);
    for (int i = 0; i < connections; i++) {
        uint64_t stamp = stamp_read(hello, zrecv(sockets[i], hello, sizeof hello), sizeof hello);
        if (stamp != (uint64_t)i)
            stamp_misplaced(stamp, (uint64_t)i);
    }
    usage_peak(side);
    counter_add(&shared->done, 1);
    for (int i = 0; i < connections; i++)
        zclose(sockets[i]);
    free(sockets);
}

static void body(struct side *side)
{
    allow_descriptors();
    if (side->index == ACCEPTOR)
        accept_all(side);
    else
        connect_all(side);
}

int main(int argc, char **argv)
{
    struct plan plan = {.sides = SIDES, .body = body};
    args_init(argc, argv);
    zcase_args(&plan);
    connections = (int)arg_int("connections", 1000);
    args_done();
    context_max_sockets = connections + 16;
    sides_run(&plan);
    zcase_report("idle");
    report_number("open_s", shared->side[ACCEPTOR].values[SECONDS]);
    report_number("accepting_kb", shared->side[ACCEPTOR].values[GROWN_KB] / connections);
    report_number("connecting_kb", shared->side[CONNECTOR].values[GROWN_KB] / connections);
    report_end();
    return 0;
}
