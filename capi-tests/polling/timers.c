/* zmq_timers: when they are due, what changes them, what is refused. */
#include "../harness/test.h"

#include <stdlib.h>

/* Counts its calls; what else it does in the middle of one is in the fields. */
struct bell {
    void *timers;
    int rung, id;
    int cancels; /* a timer it cancels when it rings */
    int adds;    /* whether it adds another bell */
    struct bell *added;
};

static void ring (int id, void *argument)
{
    struct bell *bell = argument;
    bell->rung++;
    EXPECT_INT (id, bell->id);
    if (bell->cancels)
        EXPECT_OK (zmq_timers_cancel (bell->timers, bell->cancels));
    if (bell->adds) {
        bell->added->id = zmq_timers_add (bell->timers, 20, ring, bell->added);
        EXPECT (bell->added->id > 0);
        bell->adds = 0;
    }
}

static void *new_timers (void)
{
    void *timers = zmq_timers_new ();
    EXPECT (timers != NULL);
    return timers;
}

static void add (void *timers, struct bell *bell, size_t interval)
{
    bell->timers = timers;
    bell->id = zmq_timers_add (timers, interval, ring, bell);
    EXPECT (bell->id > 0);
}

/* Sleeps as long as the timers say, then runs what is due. */
static void pass (void *timers)
{
    long left = zmq_timers_timeout (timers);
    EXPECT (left >= 0);
    EXPECT_INT (zmq_poll (NULL, 0, left), 0);
    EXPECT_INT (zmq_timers_execute (timers), 0);
}

static void without_timers_nothing_is_due (void)
{
    void *timers = new_timers ();
    EXPECT_INT (zmq_timers_timeout (timers), -1);
    EXPECT_INT (zmq_timers_execute (timers), 0);
    EXPECT_INT (zmq_timers_destroy (&timers), 0);
    EXPECT (timers == NULL);
}

static void a_timer_rings_when_due_and_again (void)
{
    void *timers = new_timers ();
    struct bell bell = {0};
    long long start = test_now ();
    add (timers, &bell, 50);
    EXPECT_INT (zmq_timers_execute (timers), 0);
    EXPECT_INT (bell.rung, 0);
    long left = zmq_timers_timeout (timers);
    EXPECT (left > 0 && left <= 50);
    while (bell.rung < 3)
        pass (timers);
    EXPECT (test_now () - start >= 3 * 50 - 3);
    EXPECT_INT (zmq_timers_destroy (&timers), 0);
}

static void missed_rounds_ring_once (void)
{
    void *timers = new_timers ();
    struct bell bell = {0};
    add (timers, &bell, 20);
    zmq_poll (NULL, 0, 90);
    EXPECT_INT (zmq_timers_timeout (timers), 0);
    EXPECT_INT (zmq_timers_execute (timers), 0);
    EXPECT_INT (bell.rung, 1);
    EXPECT (zmq_timers_timeout (timers) > 0);
    EXPECT_INT (zmq_timers_destroy (&timers), 0);
}

static void the_earliest_timer_comes_first (void)
{
    void *timers = new_timers ();
    struct bell late = {0}, early = {0};
    add (timers, &late, 10000);
    add (timers, &early, 30);
    EXPECT (early.id != late.id);
    EXPECT (zmq_timers_timeout (timers) <= 30);
    while (early.rung < 2)
        pass (timers);
    EXPECT_INT (late.rung, 0);
    EXPECT_INT (zmq_timers_cancel (timers, early.id), 0);
    EXPECT (zmq_timers_timeout (timers) > 1000);
    EXPECT_INT (zmq_timers_destroy (&timers), 0);
}

static void a_cancelled_timer_is_silent (void)
{
    void *timers = new_timers ();
    struct bell bell = {0};
    add (timers, &bell, 10);
    EXPECT_INT (zmq_timers_cancel (timers, bell.id), 0);
    EXPECT_INT (zmq_timers_timeout (timers), -1);
    zmq_poll (NULL, 0, 30);
    EXPECT_INT (zmq_timers_execute (timers), 0);
    EXPECT_INT (bell.rung, 0);
    EXPECT_ERRNO (zmq_timers_cancel (timers, bell.id), EINVAL);
    EXPECT_INT (zmq_timers_destroy (&timers), 0);
}

static void reset_starts_the_interval_anew (void)
{
    void *timers = new_timers ();
    struct bell bell = {0};
    add (timers, &bell, 2000);
    zmq_poll (NULL, 0, 60);
    EXPECT (zmq_timers_timeout (timers) <= 1945);
    EXPECT_INT (zmq_timers_reset (timers, bell.id), 0);
    EXPECT (zmq_timers_timeout (timers) > 1945);
    EXPECT_INT (zmq_timers_destroy (&timers), 0);
}

static void the_interval_can_be_changed (void)
{
    void *timers = new_timers ();
    struct bell bell = {0};
    add (timers, &bell, 100000);
    EXPECT_INT (zmq_timers_set_interval (timers, bell.id, 20), 0);
    EXPECT (zmq_timers_timeout (timers) <= 20);
    while (bell.rung < 2)
        pass (timers);
    EXPECT_INT (zmq_timers_set_interval (timers, bell.id, 100000), 0);
    EXPECT (zmq_timers_timeout (timers) > 1000);
    EXPECT_INT (zmq_timers_destroy (&timers), 0);
}

static void a_handler_may_cancel_its_own_timer (void)
{
    void *timers = new_timers ();
    struct bell bell = {0};
    add (timers, &bell, 10);
    bell.cancels = bell.id;
    while (bell.rung == 0)
        pass (timers);
    EXPECT_INT (zmq_timers_timeout (timers), -1);
    zmq_poll (NULL, 0, 30);
    EXPECT_INT (zmq_timers_execute (timers), 0);
    EXPECT_INT (bell.rung, 1);
    EXPECT_INT (zmq_timers_destroy (&timers), 0);
}

static void a_handler_may_add_a_timer (void)
{
    void *timers = new_timers ();
    struct bell added = {0}, bell = {.adds = 1, .added = &added};
    added.timers = timers;
    add (timers, &bell, 10);
    while (added.rung == 0)
        pass (timers);
    EXPECT (bell.rung > 0);
    EXPECT_INT (zmq_timers_destroy (&timers), 0);
}

static void unknown_timers_are_refused (void)
{
    void *timers = new_timers ();
    EXPECT_ERRNO (zmq_timers_cancel (timers, 4711), EINVAL);
    EXPECT_ERRNO (zmq_timers_reset (timers, 4711), EINVAL);
    EXPECT_ERRNO (zmq_timers_set_interval (timers, 4711, 10), EINVAL);
    EXPECT_INT (zmq_timers_destroy (&timers), 0);
}

static void what_are_no_timers_are_refused (void)
{
    void *none = NULL, *timers = new_timers (), *other = test_keep (calloc (1, 4096));
    struct bell bell = {0};
    EXPECT_ERRNO (zmq_timers_add (timers, 10, NULL, &bell), EFAULT);
    EXPECT_ERRNO (zmq_timers_destroy (&none), EFAULT);
    void *handles[] = {NULL, other};
    for (int i = 0; i < 2; i++) {
        EXPECT_ERRNO (zmq_timers_add (handles[i], 10, ring, &bell), EFAULT);
        EXPECT_ERRNO (zmq_timers_cancel (handles[i], 1), EFAULT);
        EXPECT_ERRNO (zmq_timers_reset (handles[i], 1), EFAULT);
        EXPECT_ERRNO (zmq_timers_set_interval (handles[i], 1, 10), EFAULT);
        EXPECT_ERRNO (zmq_timers_timeout (handles[i]), EFAULT);
        EXPECT_ERRNO (zmq_timers_execute (handles[i]), EFAULT);
    }
    EXPECT_INT (zmq_timers_destroy (&timers), 0);
}

TESTS ({RUN (without_timers_nothing_is_due)}, {RUN (a_timer_rings_when_due_and_again)},
       {RUN (missed_rounds_ring_once)},
       {RUN (the_earliest_timer_comes_first)}, {RUN (a_cancelled_timer_is_silent)},
       {RUN (reset_starts_the_interval_anew)}, {RUN (the_interval_can_be_changed)},
       {RUN (a_handler_may_cancel_its_own_timer)}, {RUN (a_handler_may_add_a_timer)},
       {RUN (unknown_timers_are_refused)}, {RUN (what_are_no_timers_are_refused)});
