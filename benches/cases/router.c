/* A ROUTER that echoes, and DEALER peers that each keep some requests under way.
 *
 * Arguments: peers; under_way, a peer's requests without an answer yet; size. All peers are sockets of one process and
 * are served in turn, so that answer number n comes from peer n mod peers: every answer is checked to be the next.
 */
#include <stdlib.h>

#include "args.h"
#include "report.h"
#include "zsocket.h"

enum { SERVER, CLIENT, SIDES };
enum { ID_SIZE = 256 };

static size_t message_size;
static int peers;
static uint64_t under_way;

static size_t echo(void *socket, void *message)
{
    char id[ID_SIZE];
    size_t id_size = zrecv(socket, id, sizeof id);
    size_t size = zrecv(socket, message, message_size);
    zsend(socket, id, id_size, ZMQ_SNDMORE);
    zsend(socket, message, size, 0);
    return size;
}

/* Requests of different peers may overtake each other, so the server is done when it has answered as many as the last
 * one's number says. */
static void serve(const struct side *side)
{
    void *socket = zsocket(side, ZMQ_ROUTER);
    void *message = message_buffer(message_size);
    zbind(side, socket);
    uint64_t total = UINT64_MAX;
    for (uint64_t answered = 0; answered < total; answered++) {
        uint64_t stamp = stamp_read(message, echo(socket, message), message_size);
        if (stamp & MARK_START)
            usage_start(side);
        if (stamp & MARK_END)
            total = (stamp & SEQUENCE) + 1;
    }
    usage_stop(side);
    usage_peak(side);
    counter_wait(&shared->done, 1);
    zclose(socket);
    free(message);
}

static void ask(void *const *sockets, void *message, struct pace *pace, bool *more)
{
    void *socket = sockets[pace->sent % (uint64_t)peers];
    uint64_t stamp = pace_next(pace);
    zsend_stamped(socket, message, message_size, stamp, 0);
    *more = !(stamp & MARK_END);
}

static void run_client(const struct side *side, void *const *sockets)
{
    void *message = message_buffer(message_size);
    struct meter meter = {0};
    struct pace pace = pace_begin();
    bool more = true;
    while (more && pace.sent < (uint64_t)peers * under_way)
        ask(sockets, message, &pace, &more);
    for (bool last = false; !last;) {
        void *socket = sockets[meter.next % (uint64_t)peers];
        last = meter_take(&meter, side, message, zrecv(socket, message, message_size), message_size);
        if (more)
            ask(sockets, message, &pace, &more);
    }
    meter_store(&meter, side);
    free(message);
}

static void client(const struct side *side)
{
    void **sockets = message_buffer((size_t)peers * sizeof *sockets);
    for (int i = 0; i < peers; i++) {
        sockets[i] = zsocket(side, ZMQ_DEALER);
        zconnect(sockets[i], SERVER);
    }
    run_client(side, sockets);
    counter_add(&shared->done, 1);
    for (int i = 0; i < peers; i++)
        zclose(sockets[i]);
    free(sockets);
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
    zcase_args(&plan);
    message_size = (size_t)arg_int("size", 64);
    peers = (int)arg_int("peers", 1);
    under_way = (uint64_t)arg_int("under_way", 1);
    args_done();
    context_max_sockets = peers + 16;
    sides_run(&plan);
    struct total total = meters_total(CLIENT, 1, SIDES);
    zcase_report("router");
    report_number("requests_per_s", total.per_s);
    report_usage(SIDES, 2 * total.messages);
    report_end();
    return 0;
}
