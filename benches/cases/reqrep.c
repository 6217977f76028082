/* REQ/REP round trips: one client, one server, one request under way.
 *
 * Arguments: size; pause_us, a wait between trips; pin=none|one|apart: everything where the scheduler wants it, both
 * ends on CPU 0, or each end on a CPU of its own. The figures are for one way, half a round trip.
 */
#include <stdlib.h>

#include "args.h"
#include "clock.h"
#include "histogram.h"
#include "report.h"
#include "zsocket.h"

enum { SERVER, CLIENT, SIDES };
enum { P50, P99, TRIPS, SECONDS };

static size_t message_size;
static uint64_t between_trips_ns;
static const char *pin;

static void serve(const struct side *side)
{
    void *socket = zsocket(side, ZMQ_REP);
    void *message = message_buffer(message_size);
    struct meter meter = {0};
    zbind(side, socket);
    bool last = false;
    while (!last) {
        size_t size = zrecv(socket, message, message_size);
        uint64_t marks = stamp_follow(message, size, message_size, &meter.next);
        zsend(socket, message, size, 0);
        last = marks != 0 && meter_mark(&meter, side, marks);
    }
    counter_wait(&shared->done, 1); /* the last answer is on its way; the client has it when it says so */
    zclose(socket);
    free(message);
}

/* One trip: the answer must be the request. Returns its duration. */
static uint64_t trip(void *socket, void *message, uint64_t stamp)
{
    uint64_t begun = now_ns();
    zsend_stamped(socket, message, message_size, stamp, 0);
    size_t size = zrecv(socket, message, message_size);
    uint64_t taken = now_ns() - begun;
    if (stamp_read(message, size, message_size) != stamp)
        stamp_misplaced(stamp_read(message, size, message_size) & SEQUENCE, stamp & SEQUENCE);
    return taken;
}

static void ask(const struct side *side)
{
    static struct histogram trips;
    void *socket = zsocket(side, ZMQ_REQ);
    void *message = message_buffer(message_size);
    uint64_t start_ns = 0;
    zconnect(socket, SERVER);
    struct pace pace = pace_begin();
    for (uint64_t stamp = 0; !(stamp & MARK_END);) {
        stamp = pace_next(&pace);
        if (stamp & MARK_START) {
            usage_start(side);
            start_ns = now_ns();
        }
        uint64_t taken = trip(socket, message, stamp);
        if (start_ns > 0)
            histogram_add(&trips, taken);
        if (between_trips_ns > 0)
            pause_ns(between_trips_ns);
    }
    usage_stop(side);
    usage_peak(side);
    double *values = shared->side[CLIENT].values;
    values[SECONDS] = (double)(now_ns() - start_ns) / 1e9;
    values[P50] = histogram_part(&trips, 0.5) / 2000;
    values[P99] = histogram_part(&trips, 0.99) / 2000;
    values[TRIPS] = (double)trips.count;
    counter_add(&shared->done, 1);
    zclose(socket);
    free(message);
}

static bool pinned(int side, int *cpu)
{
    *cpu = is(pin, "apart") ? side : 0;
    return !is(pin, "none");
}

static void body(struct side *side)
{
    if (side->index == SERVER)
        serve(side);
    else
        ask(side);
}

int main(int argc, char **argv)
{
    struct plan plan = {.sides = SIDES, .pinned = pinned, .body = body};
    args_init(argc, argv);
    zcase_args(&plan);
    message_size = (size_t)arg_int("size", 64);
    between_trips_ns = (uint64_t)arg_int("pause_us", 0) * NS_PER_US;
    pin = arg_text("pin", "none");
    args_done();
    sides_run(&plan);
    const double *values = shared->side[CLIENT].values;
    zcase_report("reqrep");
    report_number("p50_us", values[P50]);
    report_number("p99_us", values[P99]);
    report_number("trips_per_s", values[TRIPS] / values[SECONDS]);
    report_usage(SIDES, values[TRIPS] * 2);
    report_end();
    return 0;
}
