/* Floods of messages that are known by their number (see flood.h). */
#include "flood.h"

#include "test.h"

#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum {
    LARGEST = 100 * 1024,
    OFFSETS = 4096, /* where the content of a frame may begin in `pattern` */
    LABEL = 8,
    RUN = 100, /* messages; half of the runs of so many are all tiny */
    MOST_FRAMES = 5
};

/* Where libraries change their ways: what fits into a message or a short frame, what is copied, a batch. */
static const unsigned edges[] = {0,    1,    2,    29,    30,    33,    34,    40,   41,
                                 246,  247,  254,  255,   256,   257,   8182,  8191, 8192,
                                 8193, 8200, 65526, 65527, 65535, 65536, 65537, LARGEST};

static unsigned char pattern[LARGEST + OFFSETS];

static uint64_t mix (uint64_t value)
{
    value += 0x9e3779b97f4a7c15u;
    value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9u;
    value = (value ^ value >> 27) * 0x94d049bb133111ebu;
    return value ^ value >> 31;
}

static void fill_pattern (void)
{
    for (size_t i = 0; i < sizeof pattern; i++)
        pattern[i] = (unsigned char) mix (i);
}

/* ---- what a message looks like ---- */

enum what { FRAMES, SIZE, CLASS, OFFSET, WAY, TOPIC, RUNS };

/* A number that is the same whenever it is asked for. */
static uint64_t drawn (const struct flood *flood, long number, int frame, enum what what)
{
    return mix (mix (flood->seed * 16u + (unsigned) frame) ^ mix ((uint64_t) number * 16 + (uint64_t) what));
}

static bool is_in_a_tiny_run (const struct flood *flood, long number)
{
    return drawn (flood, number / RUN, 0, RUNS) % 2 == 0;
}

static int frames_of (const struct flood *flood, long number)
{
    uint64_t luck = drawn (flood, number, 0, FRAMES);
    return is_in_a_tiny_run (flood, number) || luck % 10 < 6 ? 1 : (int) (1 + luck / 10 % MOST_FRAMES);
}

/* Without the label. */
static size_t size_of (const struct flood *flood, long number, int frame)
{
    uint64_t size = drawn (flood, number, frame, SIZE), sort = drawn (flood, number, frame, CLASS) % 100;
    if (is_in_a_tiny_run (flood, number))
        return size % 9;
    if (sort < 15)
        return edges[size % (sizeof edges / sizeof edges[0])];
    return size % (sort < 60 ? 50 : sort < 84 ? 1024 : sort < 97 ? 10 * 1024 : LARGEST + 1);
}

static const unsigned char *content_of (const struct flood *flood, long number, int frame)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once (&once, fill_pattern);
    return pattern + drawn (flood, number, frame, OFFSET) % OFFSETS;
}

char flood_topic (const struct flood *flood, long number)
{
    return (char) ('A' + drawn (flood, number, 0, TOPIC) % 3);
}

static size_t label_size (const struct flood *flood, int frame)
{
    return flood->labelled && frame == 0 ? LABEL : 0;
}

static void write_label (const struct flood *flood, long number, char *label)
{
    char text[LABEL + 16];
    snprintf (text, sizeof text, "%c%07ld", flood_topic (flood, number), number);
    memcpy (label, text, LABEL);
}

/* Writes the frame, its label included. */
static void write_frame (const struct flood *flood, long number, int frame, char *out)
{
    size_t label = label_size (flood, frame);
    if (label)
        write_label (flood, number, out);
    memcpy (out + label, content_of (flood, number, frame), size_of (flood, number, frame));
}

/* ---- sending ---- */

static void give_back (void *data, void *hint)
{
    (void) hint;
    free (data);
}

static int send_message (void *socket, zmq_msg_t *message, int flags)
{
    int sent = zmq_msg_send (message, socket, flags), error = errno;
    if (sent < 0)
        zmq_msg_close (message);
    errno = error;
    return sent;
}

static int send_frame (void *socket, const struct flood *flood, long number, int frame, int flags)
{
    static _Thread_local char copy[LARGEST + LABEL];
    size_t size = size_of (flood, number, frame) + label_size (flood, frame);
    zmq_msg_t message;
    char *data;
    switch (drawn (flood, number, frame, WAY) % 4) {
    case 0:
        if (!label_size (flood, frame))
            return zmq_send_const (socket, content_of (flood, number, frame), size, flags);
        /* fall through */
    case 1:
        write_frame (flood, number, frame, copy);
        return zmq_send (socket, copy, size, flags);
    case 2:
        EXPECT_OK (zmq_msg_init_size (&message, size));
        write_frame (flood, number, frame, zmq_msg_data (&message));
        return send_message (socket, &message, flags);
    default:
        data = malloc (size + 1);
        EXPECT (data != NULL);
        write_frame (flood, number, frame, data);
        EXPECT_OK (zmq_msg_init_data (&message, data, size, give_back, NULL));
        return send_message (socket, &message, flags);
    }
}

int flood_send (void *socket, const struct flood *flood, long number, int flags)
{
    int frames = frames_of (flood, number);
    for (int frame = 0; frame < frames; frame++) {
        int more = frame + 1 < frames ? ZMQ_SNDMORE : 0;
        int sent = send_frame (socket, flood, number, frame, (frame == 0 ? flags : 0) | more);
        if (sent < 0 && frame == 0)
            return errno;
        if (sent < 0)
            test_fail (__FILE__, __LINE__, "message %ld: sending frame %d: errno %d", number, frame, errno);
    }
    return 0;
}

/* ---- receiving ---- */

static void check_frame (const struct flood *flood, long number, int frame, const char *data, size_t size, int more)
{
    size_t label = label_size (flood, frame), expected = size_of (flood, number, frame) + label;
    char labelled[LABEL];
    if (size != expected)
        test_fail (__FILE__, __LINE__, "message %ld: frame %d has %zu bytes in place of %zu", number, frame, size,
                   expected);
    if (label)
        write_label (flood, number, labelled);
    if (memcmp (data, labelled, label) != 0 ||
        memcmp (data + label, content_of (flood, number, frame), size - label) != 0)
        test_fail (__FILE__, __LINE__, "message %ld: frame %d of %zu bytes has another content", number, frame, size);
    if (more != (frame + 1 < frames_of (flood, number)))
        test_fail (__FILE__, __LINE__, "message %ld: frame %d of %d has MORE %d", number, frame,
                   frames_of (flood, number), more);
}

static void receive_frame_in_place (void *socket, const struct flood *flood, long number, int frame)
{
    zmq_msg_t message;
    EXPECT_OK (zmq_msg_init (&message));
    if (zmq_msg_recv (&message, socket, 0) < 0)
        test_fail (__FILE__, __LINE__, "message %ld: waited in vain for frame %d: errno %d", number, frame, errno);
    check_frame (flood, number, frame, zmq_msg_data (&message), zmq_msg_size (&message), zmq_msg_more (&message));
    EXPECT_OK (zmq_msg_close (&message));
}

static void receive_frame_into_a_buffer (void *socket, const struct flood *flood, long number, int frame)
{
    static _Thread_local char buffer[LARGEST + LABEL];
    int size = zmq_recv (socket, buffer, sizeof buffer, 0);
    if (size < 0)
        test_fail (__FILE__, __LINE__, "message %ld: waited in vain for frame %d: errno %d", number, frame, errno);
    EXPECT ((size_t) size <= sizeof buffer);
    /* The call between two frames is left out now and then: it may change how the library goes on. */
    bool ask = drawn (flood, number, frame, WAY) / 8 % 4 == 0;
    int more = ask ? test_get_int (socket, ZMQ_RCVMORE) : frame + 1 < frames_of (flood, number);
    check_frame (flood, number, frame, buffer, (size_t) size, more);
}

static void receive_frames (void *socket, const struct flood *flood, long number, int first)
{
    int frames = frames_of (flood, number);
    for (int frame = first; frame < frames; frame++)
        (drawn (flood, number, frame, WAY) / 4 % 2 ? receive_frame_in_place : receive_frame_into_a_buffer) (
            socket, flood, number, frame);
}

void flood_expect (void *socket, const struct flood *flood, long number)
{
    receive_frames (socket, flood, number, 0);
}

/* The number that a labelled message tells. */
static long labelled_number (zmq_msg_t *message)
{
    char digits[LABEL] = "", *end = digits;
    size_t size = zmq_msg_size (message);
    if (size >= LABEL)
        memcpy (digits, (char *) zmq_msg_data (message) + 1, LABEL - 1);
    long number = strtol (digits, &end, 10);
    if (end != digits + LABEL - 1)
        test_fail (__FILE__, __LINE__, "a message of %zu bytes without a label", size);
    return number;
}

long flood_recv (void *socket, const struct flood *flood, int flags)
{
    zmq_msg_t message;
    EXPECT_OK (zmq_msg_init (&message));
    if (zmq_msg_recv (&message, socket, flags) < 0) {
        int error = errno;
        zmq_msg_close (&message);
        errno = error;
        return -1;
    }
    long number = labelled_number (&message);
    check_frame (flood, number, 0, zmq_msg_data (&message), zmq_msg_size (&message), zmq_msg_more (&message));
    EXPECT_OK (zmq_msg_close (&message));
    receive_frames (socket, flood, number, 1);
    return number;
}

/* ---- measures ---- */

static long slowness (void)
{
    const char *factor = getenv ("ZMQ_TEST_PATIENCE");
    return factor && atol (factor) > 0 ? atol (factor) : 1;
}

long flood_count (long usual)
{
    return slowness () > 1 ? usual / slowness () / 2 + 1 : usual;
}

long long flood_limit (long long usual)
{
    return usual * slowness () * slowness ();
}

long long flood_clock (void)
{
    struct timespec now;
    clock_gettime (CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000LL + now.tv_nsec / 1000;
}
