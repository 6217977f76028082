/* The length of a run on the sender's side, and its measure on the receiver's; see pace.h. */
#include "pace.h"

#include "args.h"
#include "clock.h"

enum { LOOK_EVERY_NS = 50000, MAX_STRIDE = 4096, FAULT_AT = 500 };

static uint64_t warm_ns, run_ns, fixed_count;
static const char *fault;

void pace_args(void)
{
    warm_ns = (uint64_t)(arg_real("warm", 0.15) * 1e9);
    run_ns = (uint64_t)(arg_real("seconds", 0.7) * 1e9);
    fixed_count = (uint64_t)arg_int("count", 0);
    fault = arg_text("fault", "");
}

struct pace pace_begin(void)
{
    uint64_t now = now_ns();
    return (struct pace){.begun = now, .looked_at = now};
}

/* The marks of this message when the run is to have a given count. */
static uint64_t marks_by_count(struct pace *pace)
{
    uint64_t marks = 0;
    if (pace->sent == 0)
        marks |= MARK_START;
    if (pace->sent + 1 >= fixed_count)
        marks |= MARK_END;
    pace->next_look = fixed_count - 1;
    return marks;
}

/* The marks of this message by the clock, and when to look again. */
static uint64_t marks_by_time(struct pace *pace)
{
    uint64_t now = now_ns();
    uint64_t elapsed = now - pace->looked_at;
    uint64_t stride = pace->sent - pace->last_look;
    stride = elapsed > 0 ? (stride + 1) * LOOK_EVERY_NS / elapsed : 1;
    pace->looked_at = now;
    pace->last_look = pace->sent;
    pace->next_look = pace->sent + (stride < 1 ? 1 : stride > MAX_STRIDE ? MAX_STRIDE : stride);
    if (!pace->started && now - pace->begun >= warm_ns) {
        pace->started = true;
        pace->begun = now;
        return MARK_START;
    }
    return pace->started && now - pace->begun >= run_ns ? MARK_END : 0;
}

/* Spoils message number FAULT_AT, once. */
static uint64_t make_fault(struct pace *pace, uint64_t stamp)
{
    uint64_t sequence = stamp & SEQUENCE;
    if (sequence < FAULT_AT && pace->next_look > FAULT_AT)
        pace->next_look = FAULT_AT;
    if (sequence != FAULT_AT)
        return stamp;
    if (is(fault, "lose"))
        pace->sent++, stamp++;
    else if (is(fault, "double"))
        pace->sent--;
    else
        stamp |= MARK_CUT;
    fault = "";
    return stamp;
}

uint64_t pace_look(struct pace *pace)
{
    uint64_t stamp = pace->sent | (fixed_count > 0 ? marks_by_count(pace) : marks_by_time(pace));
    pace->sent++;
    return fault[0] == '\0' ? stamp : make_fault(pace, stamp);
}

bool meter_mark(struct meter *meter, const struct side *side, uint64_t marks)
{
    if (marks & MARK_START) {
        meter->start_sequence = meter->next;
        usage_start(side);
        meter->start_ns = now_ns();
    }
    if (marks & MARK_END) {
        meter->end_ns = now_ns();
        usage_stop(side);
        usage_peak(side);
        return true;
    }
    return false;
}

void meter_store(const struct meter *meter, const struct side *side)
{
    double *values = shared->side[side->index].values;
    values[METER_MESSAGES] = (double)(meter->next - meter->start_sequence);
    values[METER_START] = (double)meter->start_ns / 1e9;
    values[METER_END] = (double)meter->end_ns / 1e9;
}

struct total meters_total(int first, int step, int sides)
{
    struct total total = {0};
    double start = 0;
    double end = 0;
    for (int i = first; i < sides; i += step) {
        const double *values = shared->side[i].values;
        total.messages += values[METER_MESSAGES];
        if (i == first || values[METER_START] < start)
            start = values[METER_START];
        if (values[METER_END] > end)
            end = values[METER_END];
    }
    total.per_s = total.messages / (end - start);
    return total;
}
