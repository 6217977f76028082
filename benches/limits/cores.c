/* How far apart the two processors are just now: a word thrown to and fro between two pinned threads for some 10 ms.
 * Virtual processors move, and with them this figure changes in steps; the driver notes it before and after each run.
 *
 * Arguments: seconds. Prints the nanoseconds of one way.
 */
#include "args.h"
#include "clock.h"
#include "report.h"
#include "sides.h"

enum { PITCHER, CATCHER, SIDES };
enum { WAY_NS };
enum { TRIPS_A_LOOK = 1000, STOP = 2 };

static uint64_t run_ns;
static _Alignas(64) _Atomic uint32_t ball;

static void pitch(void)
{
    uint64_t best = UINT64_MAX;
    uint64_t end = now_ns() + run_ns;
    for (uint64_t begun = now_ns(); begun < end;) {
        for (int i = 0; i < TRIPS_A_LOOK; i++) {
            atomic_store_explicit(&ball, 1, memory_order_release);
            while (atomic_load_explicit(&ball, memory_order_acquire) != 0)
                ;
        }
        uint64_t now = now_ns();
        best = now - begun < best ? now - begun : best;
        begun = now;
    }
    atomic_store(&ball, STOP);
    shared->side[PITCHER].values[WAY_NS] = (double)best / TRIPS_A_LOOK / 2;
}

static void catch(void)
{
    for (;;) {
        uint32_t seen = atomic_load_explicit(&ball, memory_order_acquire);
        if (seen == STOP)
            return;
        if (seen == 1)
            atomic_store_explicit(&ball, 0, memory_order_release);
    }
}

static void body(struct side *side)
{
    if (side->index == PITCHER)
        pitch();
    else
        catch();
}

static bool pinned(int side, int *cpu)
{
    *cpu = side;
    return true;
}

int main(int argc, char **argv)
{
    struct plan plan = {.sides = SIDES, .threads = true, .pinned = pinned, .body = body};
    args_init(argc, argv);
    run_ns = (uint64_t)(arg_real("seconds", 0.01) * 1e9);
    args_done();
    sides_run(&plan);
    report_begin("limit_cores");
    report_number("way_ns", shared->side[PITCHER].values[WAY_NS]);
    report_end();
    return 0;
}
