/* Many connections that do nothing: how long until all are open and shaken hands, and what memory each costs either
 * side.
 *
 * Arguments: connections; sockets=one or each: one PUSH socket that connects that many times to one PULL, or a DEALER
 * socket for each connection to one ROUTER (the connecting side then pays for the sockets too). One number goes over
 * each connection, by which the accepting side knows that its handshake is done; after the memory has been measured a
 * second one does, which shows that all connections still live.
 */
#include <stdlib.h>
#include <sys/resource.h>

#include "args.h"
#include "clock.h"
#include "report.h"
#include "zsocket.h"

enum { ACCEPTOR, CONNECTOR, SIDES };
enum { GROWN_KB, SECONDS };
enum { HELLO_SIZE = 16, SETTLE_MS = 200 };
/* What the sides have reached, in shared->done. */
enum { OPENED = 1, MEASURED = OPENED + 2, ALL_ALIVE };

static int connections;
static bool one_socket;

/* Descriptors: one or two a connection. */
static void allow_descriptors(void)
{
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

/* To be idle is the work measured here. */
static void note_growth(const struct side *side, double before_kb)
{
    pause_ns(SETTLE_MS * NS_PER_MS);
    shared->side[side->index].values[GROWN_KB] = memory_kb("RssAnon") - before_kb;
    counter_add(&shared->done, 1);
    counter_wait(&shared->done, MEASURED);
}

/* Receives each number once. `seen` counts up from `round` to `round` + 1. */
static void take_all(void *socket, unsigned char *seen, unsigned char round)
{
    for (int i = 0; i < connections; i++) {
        char id[256], hello[HELLO_SIZE];
        if (!one_socket)
            zrecv(socket, id, sizeof id);
        uint64_t number = stamp_read(hello, zrecv(socket, hello, sizeof hello), sizeof hello);
        if (number >= (uint64_t)connections || seen[number]++ != round)
            fail("hello %llu came twice or was never sent", (unsigned long long)number);
    }
}

static void accept_all(const struct side *side)
{
    unsigned char *seen = message_buffer((size_t)connections);
    memset(seen, 1, (size_t)connections); /* resident before the measurement starts */
    memset(seen, 0, (size_t)connections);
    void *socket = zsocket(side, one_socket ? ZMQ_PULL : ZMQ_ROUTER);
    zbind(side, socket);
    double before_kb = memory_kb("RssAnon");
    counter_add(&shared->ready, 1);
    counter_wait(&shared->go, 1);
    uint64_t begun = now_ns();
    take_all(socket, seen, 0);
    shared->side[ACCEPTOR].values[SECONDS] = (double)(now_ns() - begun) / 1e9;
    counter_add(&shared->done, OPENED);
    note_growth(side, before_kb);
    take_all(socket, seen, 1);
    counter_add(&shared->done, ALL_ALIVE - MEASURED);
    zclose(socket);
    free(seen);
}

static void say_hello(void *socket, int number)
{
    char hello[HELLO_SIZE];
    stamp_write(hello, sizeof hello, (uint64_t)number);
    zsend(socket, hello, sizeof hello, 0);
}

/* The socket of connection `number`. */
static void **socket_of(void **sockets, int number)
{
    return &sockets[one_socket ? 0 : number];
}

static void connect_all(const struct side *side)
{
    void **sockets = message_buffer((size_t)connections * sizeof *sockets);
    zclose(zsocket(side, ZMQ_DEALER)); /* the context's threads are not a connection's cost */
    counter_wait(&shared->ready, 1);
    double before_kb = memory_kb("RssAnon");
    counter_add(&shared->go, 1);
    for (int i = 0; i < connections; i++) {
        void **socket = socket_of(sockets, i);
        if (*socket == NULL)
            *socket = zsocket(side, one_socket ? ZMQ_PUSH : ZMQ_DEALER);
        zconnect(*socket, ACCEPTOR);
    }
    for (int i = 0; i < connections; i++)
        say_hello(*socket_of(sockets, i), i); /* a PUSH takes its connections in turn */
    counter_wait(&shared->done, OPENED);
    note_growth(side, before_kb);
    for (int i = 0; i < connections; i++)
        say_hello(*socket_of(sockets, i), i);
    counter_wait(&shared->done, ALL_ALIVE);
    for (int i = 0; i < connections && sockets[i] != NULL; i++)
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
    one_socket = is(arg_text("sockets", "one"), "one");
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
