/* The small things: atomic counters, stopwatch, threads, z85, sleep, version, capabilities, error texts. */
#include "../harness/test.h"
#include "../harness/thread.h"

#include <limits.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- atomic counters ---- */

static void a_counter_counts (void)
{
    void *counter = zmq_atomic_counter_new ();
    EXPECT (counter != NULL);
    EXPECT_INT (zmq_atomic_counter_value (counter), 0);
    EXPECT_INT (zmq_atomic_counter_inc (counter), 0); /* the value before */
    EXPECT_INT (zmq_atomic_counter_inc (counter), 1);
    EXPECT_INT (zmq_atomic_counter_value (counter), 2);
    EXPECT_INT (zmq_atomic_counter_dec (counter), 1); /* whether it is not zero yet */
    EXPECT_INT (zmq_atomic_counter_dec (counter), 0);
    EXPECT_INT (zmq_atomic_counter_dec (counter), 1);
    EXPECT_INT (zmq_atomic_counter_value (counter), -1);
    zmq_atomic_counter_set (counter, INT_MAX);
    EXPECT_INT (zmq_atomic_counter_inc (counter), INT_MAX);
    EXPECT_INT (zmq_atomic_counter_value (counter), INT_MIN);
    zmq_atomic_counter_destroy (&counter);
    EXPECT (counter == NULL);
}

enum { THREADS = 4, STEPS = 20000 };

static void count_up_and_down (void *counter)
{
    for (int i = 0; i < STEPS; i++) {
        zmq_atomic_counter_inc (counter);
        zmq_atomic_counter_inc (counter);
        zmq_atomic_counter_dec (counter);
    }
}

static void a_counter_loses_nothing_between_threads (void)
{
    void *counter = zmq_atomic_counter_new (), *threads[THREADS];
    for (int i = 0; i < THREADS; i++) {
        threads[i] = zmq_threadstart (count_up_and_down, counter);
        EXPECT (threads[i] != NULL);
    }
    for (int i = 0; i < THREADS; i++)
        zmq_threadclose (threads[i]);
    EXPECT_INT (zmq_atomic_counter_value (counter), THREADS * STEPS);
    zmq_atomic_counter_destroy (&counter);
}

/* ---- threads ---- */

static void note_the_thread (void *argument)
{
    *(pthread_t *) argument = pthread_self ();
}

static void a_thread_runs_and_is_waited_for (void)
{
    pthread_t seen = pthread_self ();
    void *thread = zmq_threadstart (note_the_thread, &seen);
    EXPECT (thread != NULL);
    zmq_threadclose (thread);
    EXPECT (!pthread_equal (seen, pthread_self ()));
}

/* ---- time ---- */

static void a_stopwatch_tells_microseconds (void)
{
    long long before = test_now ();
    void *watch = zmq_stopwatch_start ();
    EXPECT (watch != NULL);
    zmq_poll (NULL, 0, 60);
    unsigned long first = zmq_stopwatch_intermediate (watch), second = zmq_stopwatch_intermediate (watch);
    unsigned long total = zmq_stopwatch_stop (watch);
    EXPECT (first >= 59000 && first <= second && second <= total);
    EXPECT (total <= (unsigned long) (test_now () - before + 2) * 1000);
}

static void sleep_takes_seconds (void)
{
    long long before = test_now ();
    zmq_sleep (0);
    zmq_sleep (1);
    EXPECT (test_now () - before >= 999);
    EXPECT (test_now () - before < 1000 + test_patience () / 2);
}

/* ---- z85 ---- */

static const struct vector {
    const char *name, *text;
    size_t size;
    uint8_t bytes[36];
} vectors[] = {
    {"nothing", "", 0, {0}},
    {"HelloWorld", "HelloWorld", 8, {0x86, 0x4F, 0xD2, 0x6F, 0xB5, 0x59, 0xF7, 0x5B}},
    {"zeros", "00000", 4, {0}},
    {"the largest group", "%nSc0", 4, {0xFF, 0xFF, 0xFF, 0xFF}},
    {"the whole alphabet", "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHI", 36,
     {0x00, 0x09, 0x98, 0x62, 0x0F, 0xC7, 0x99, 0x43, 0x1F, 0x85, 0x9A, 0x24, 0x2F, 0x43, 0x9B, 0x05, 0x3F, 0x01,
      0x9B, 0xE6, 0x4E, 0xBF, 0x9C, 0xC7, 0x5E, 0x7D, 0x9D, 0xA8, 0x6E, 0x3B, 0x9E, 0x89, 0x7D, 0xF9, 0x9F, 0x6A}},
};

static void z85_translates_both_ways (void)
{
    const struct vector *row = test_row ();
    char text[64];
    uint8_t bytes[64];
    EXPECT (zmq_z85_encode (text, row->bytes, row->size) == text);
    EXPECT_STR (text, row->text);
    if (row->size == 0)
        return; /* an empty text does not decode */
    EXPECT (zmq_z85_decode (bytes, row->text) == bytes);
    EXPECT (memcmp (bytes, row->bytes, row->size) == 0);
}

static void z85_returns_every_byte (void)
{
    uint8_t bytes[256], back[256];
    char text[256 * 5 / 4 + 1];
    for (int i = 0; i < 256; i++)
        bytes[i] = (uint8_t) (i * 37 + 11);
    EXPECT (zmq_z85_encode (text, bytes, sizeof bytes) == text);
    EXPECT_INT (strlen (text), 320);
    EXPECT (zmq_z85_decode (back, text) == back);
    EXPECT (memcmp (bytes, back, sizeof bytes) == 0);
}

static void z85_encodes_groups_of_four_only (void)
{
    char text[64];
    uint8_t bytes[16] = {0};
    for (size_t size = 1; size < 12; size++) {
        errno = 0;
        if (size % 4 != 0) {
            EXPECT (zmq_z85_encode (text, bytes, size) == NULL);
            EXPECT_INT (errno, EINVAL);
        }
    }
}

static const struct undecodable {
    const char *name, *text;
} undecodable[] = {
    {"nothing", ""},           {"four", "0000"},          {"six", "000000"},        {"blank", "00 00"},
    {"quote", "00\"00"},       {"comma", "00,00"},        {"backslash", "00\\00"}, {"too large", "%nSc1"},
    {"largest digits", "#####"}, {"not ASCII", "00\xFF" "00"}, {"second group bad", "0000000 00"},
};

static void z85_refuses_what_is_no_z85 (void)
{
    const struct undecodable *row = test_row ();
    uint8_t bytes[64];
    errno = 0;
    EXPECT (zmq_z85_decode (bytes, row->text) == NULL);
    EXPECT_INT (errno, EINVAL);
}

/* ---- errors ---- */

static const struct error {
    const char *name;
    int number;
    const char *text;
} errors[] = {
    {"EFSM", EFSM, "Operation cannot be accomplished in current state"},
    {"ENOCOMPATPROTO", ENOCOMPATPROTO, "The protocol is not compatible with the socket type"},
    {"ETERM", ETERM, "Context was terminated"},
    {"EMTHREAD", EMTHREAD, "No thread available"},
    {"EHOSTUNREACH", EHOSTUNREACH, "Host unreachable"},
};

static void the_errors_of_its_own_have_texts (void)
{
    const struct error *row = test_row ();
    EXPECT_STR (zmq_strerror (row->number), row->text);
}

static void the_systems_errors_have_the_systems_texts (void)
{
    static const int numbers[] = {0, EAGAIN, EINVAL, EINTR, ENOTSOCK, EFAULT, EMFILE, ENOENT, EADDRINUSE, 99999, -1};
    char text[200]; /* both may answer from the same buffer */
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        snprintf (text, sizeof text, "%s", zmq_strerror (numbers[i]));
        EXPECT_STR (text, strerror (numbers[i]));
    }
}

static void *fail_elsewhere (void *argument)
{
    zmq_close (NULL);
    *(int *) argument = zmq_errno ();
    return NULL;
}

static void errno_belongs_to_the_thread (void)
{
    pthread_t thread;
    int there = 0;
    EXPECT_ERRNO (zmq_ctx_term (NULL), EFAULT);
    EXPECT_INT (zmq_errno (), EFAULT);
    errno = EFAULT;
    EXPECT_INT (pthread_create (&thread, NULL, fail_elsewhere, &there), 0);
    EXPECT_INT (pthread_join (thread, NULL), 0);
    EXPECT_INT (there, ENOTSOCK);
    EXPECT_INT (zmq_errno (), EFAULT);
    errno = ERANGE;
    EXPECT_INT (zmq_errno (), ERANGE);
}

/* ---- what it is ---- */

static void the_version_is_of_the_same_line (void)
{
    int major = -1, minor = -1, patch = -1;
    zmq_version (&major, &minor, &patch);
    EXPECT_INT (major, 4);
    EXPECT_INT (minor, 3);
    EXPECT (patch >= 4);
}

static void it_has_ipc_and_nothing_unheard_of (void)
{
    EXPECT_INT (zmq_has ("ipc"), 1);
    EXPECT_INT (zmq_has ("IPC"), 0);
    EXPECT_INT (zmq_has ("telepathy"), 0);
    EXPECT_INT (zmq_has (""), 0);
}

TESTS ({RUN (a_counter_counts)}, {RUN (a_counter_loses_nothing_between_threads)},
       {RUN (a_thread_runs_and_is_waited_for)}, {RUN (a_stopwatch_tells_microseconds)}, {RUN (sleep_takes_seconds)},
       {RUN (z85_translates_both_ways), ROWS (vectors)}, {RUN (z85_returns_every_byte)}, {RUN (z85_encodes_groups_of_four_only)},
       {RUN (z85_refuses_what_is_no_z85), ROWS (undecodable)}, {RUN (the_errors_of_its_own_have_texts), ROWS (errors)},
       {RUN (the_systems_errors_have_the_systems_texts)}, {RUN (errno_belongs_to_the_thread)},
       {RUN (the_version_is_of_the_same_line)}, {RUN (it_has_ipc_and_nothing_unheard_of)});
