/* One half of an interop run: a process that plays one socket type against another process,
 * which may run on another library. What it plays comes from the command line:
 *
 *     peer TYPE WITH bind ENDPOINT ROUNDS      bind, print the real endpoint on stdout
 *     peer TYPE WITH connect - ROUNDS          read the endpoint from stdin, connect
 *     peer library                             print which library is loaded, and stop
 *
 * Stdout of each half is stdin of the other (see the runner): the endpoint goes that way, and
 * the subscriber's word that its subscription has arrived, since PUB has no way to know.
 * REQS stands for a REQ socket for each message; it connects.
 * Every message's frames and bytes follow from its number, so both halves can check all of it.
 * Exit code 0: all was sent and received as due. A reason for anything else is on stderr.
 */
#include "../harness/library.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zmq.h>

/* How long a half may take before it is taken for stuck. */
#define PATIENCE_SECONDS 30

struct half {
    const char *type_name;
    const char *with_name;
    void *context;
    void *socket;
    char endpoint[256]; /* where it connects to */
    int rounds; /* how many times the table of messages is gone through */
};

_Noreturn static void fail (const struct half *half, const char *what)
{
    fprintf (stderr, "%s with %s: %s (%s)\n", half->type_name, half->with_name, what, zmq_strerror (errno));
    exit (1);
}

/* ---- the messages -------------------------------------------------------------------------- */

/* Sizes around the borders of the wire format, of the message's inline store, of read buffers. */
static const size_t sizes[] = {
    0, 1, 2, 31, 33, 34, 35, 254, 255, 256, 257, 4095, 8191, 8192, 8193, 65535, 65536, 131073, 1048576,
};
enum { SIZES = sizeof sizes / sizeof *sizes, LARGEST = 1048576 };

static unsigned char expected[LARGEST];

static int messages (const struct half *half)
{
    return half->rounds * SIZES;
}

/* One frame, then two, three, four, and one again, out of step with the sizes. */
static int frames_of (int message)
{
    return 1 + message % 4;
}

static size_t size_of (int message, int frame)
{
    return sizes[(size_t)(message + frame * 7) % SIZES];
}

static void fill (unsigned char *bytes, int message, int frame)
{
    uint64_t state = (uint64_t)(message * 31 + frame + 1) * 0x9E3779B97F4A7C15u;
    size_t size = size_of (message, frame);
    for (size_t i = 0; i < size; i++) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes[i] = (unsigned char)state;
    }
}

static void send_frame (const struct half *half, const void *bytes, size_t size, int more)
{
    if (zmq_send (half->socket, bytes, size, more ? ZMQ_SNDMORE : 0) != (int)size)
        fail (half, "a frame was not sent");
}

static void send_body (const struct half *half, int message)
{
    int frames = frames_of (message);
    for (int frame = 0; frame < frames; frame++) {
        fill (expected, message, frame);
        send_frame (half, expected, size_of (message, frame), frame + 1 < frames);
    }
}

/* Receives one frame and checks its bytes and whether it is the last of its message. */
static void expect_frame (const struct half *half, const void *bytes, size_t size, int more)
{
    zmq_msg_t frame;
    zmq_msg_init (&frame);
    if (zmq_msg_recv (&frame, half->socket, 0) < 0)
        fail (half, "no frame came");
    errno = 0;
    if (zmq_msg_size (&frame) != size)
        fail (half, "a frame has the wrong size");
    if (size > 0 && memcmp (zmq_msg_data (&frame), bytes, size) != 0)
        fail (half, "a frame has the wrong bytes");
    if (zmq_msg_more (&frame) != more)
        fail (half, more ? "a message ended too early" : "a message has too many frames");
    zmq_msg_close (&frame);
}

static void expect_body (const struct half *half, int message)
{
    int frames = frames_of (message);
    for (int frame = 0; frame < frames; frame++) {
        fill (expected, message, frame);
        expect_frame (half, expected, size_of (message, frame), frame + 1 < frames);
    }
}

/* ---- the envelope that stands before a body, by type and peer ------------------------------- */

static bool is (const char *name, const char *type)
{
    return strcmp (name, type) == 0;
}

/* A ROUTER names its peer in the first frame. REQ, DEALER and ROUTER carry their type as routing id. */
static bool names_peer (const struct half *half)
{
    return is (half->type_name, "ROUTER");
}

/* REQ and REP put an empty frame before the body, which other types have to write themselves. */
static bool writes_delimiter (const struct half *half)
{
    bool peer_wants_it = is (half->with_name, "REQ") || is (half->with_name, "REP");
    return peer_wants_it && !is (half->type_name, "REQ") && !is (half->type_name, "REP");
}

static void send_message (const struct half *half, int message)
{
    if (names_peer (half))
        send_frame (half, half->with_name, strlen (half->with_name), 1);
    if (writes_delimiter (half))
        send_frame (half, "", 0, 1);
    send_body (half, message);
}

static void expect_message (const struct half *half, int message)
{
    if (names_peer (half))
        expect_frame (half, half->with_name, strlen (half->with_name), 1);
    if (writes_delimiter (half))
        expect_frame (half, "", 0, 1);
    expect_body (half, message);
}

/* ---- what a type does ----------------------------------------------------------------------- */

/* A socket of its own for each message: every connection but the first is one to a peer that was met before. */
static void ask_anew (const struct half *half)
{
    for (int message = 0; message < messages (half); message++) {
        struct half once = *half;
        once.type_name = "REQ";
        once.socket = zmq_socket (half->context, ZMQ_REQ);
        if (!once.socket || zmq_connect (once.socket, half->endpoint) != 0)
            fail (half, "no other socket");
        send_message (&once, message);
        expect_message (&once, message);
        if (zmq_close (once.socket) != 0)
            fail (half, "a socket was not closed");
    }
}

static void ask (const struct half *half)
{
    for (int message = 0; message < messages (half); message++) {
        send_message (half, message);
        expect_message (half, message);
    }
}

static void answer (const struct half *half)
{
    for (int message = 0; message < messages (half); message++) {
        expect_message (half, message);
        send_message (half, message);
    }
}

static void send_all (const struct half *half)
{
    for (int message = 0; message < messages (half); message++)
        send_message (half, message);
}

static void expect_all (const struct half *half)
{
    for (int message = 0; message < messages (half); message++)
        expect_message (half, message);
}

/* Two routers can address each other only once each knows the other: both sent a probe. */
static void await_probe (const struct half *half)
{
    expect_frame (half, half->with_name, strlen (half->with_name), 1);
    expect_frame (half, "", 0, 0);
}

/* Both directions at once, each side taking what is there before it waits to send. */
static void duplex (const struct half *half)
{
    if (names_peer (half) && is (half->with_name, "ROUTER"))
        await_probe (half);
    int sent = 0, received = 0;
    while (sent < messages (half) || received < messages (half)) {
        int wanted = (sent < messages (half) ? ZMQ_POLLOUT : 0) + (received < messages (half) ? ZMQ_POLLIN : 0);
        zmq_pollitem_t item = { half->socket, 0, (short) wanted, 0 };
        if (zmq_poll (&item, 1, -1) < 1)
            fail (half, "zmq_poll");
        if (item.revents & ZMQ_POLLIN)
            expect_message (half, received++);
        if (item.revents & ZMQ_POLLOUT)
            send_message (half, sent++);
    }
}

static void say (const char *word)
{
    printf ("%s\n", word);
    fflush (stdout);
}

static bool heard_within (int milliseconds)
{
    struct pollfd input = { STDIN_FILENO, POLLIN, 0 };
    return poll (&input, 1, milliseconds) == 1;
}

/* Published: each message under the topic "A", which the other half wants, and once under "B". */
static void publish (const struct half *half)
{
    if (is (half->type_name, "XPUB")) {
        expect_frame (half, "\1A", 2, 0);
    } else {
        while (!heard_within (5))
            send_frame (half, "A?", 2, 0);
    }
    for (int message = 0; message < messages (half); message++) {
        send_frame (half, "B", 1, 1);
        send_body (half, message);
        send_frame (half, "A", 1, 1);
        send_body (half, message);
    }
    if (is (half->type_name, "XPUB"))
        expect_frame (half, "\0A", 2, 0);
}

static void change_subscription (const struct half *half, int option, const char *legacy)
{
    if (is (half->type_name, "XSUB"))
        send_frame (half, legacy, 2, 0);
    else if (zmq_setsockopt (half->socket, option, "A", 1) != 0)
        fail (half, "the subscription failed");
}

static void subscribe (const struct half *half)
{
    change_subscription (half, ZMQ_SUBSCRIBE, "\1A");
    char topic[2];
    int size = 0;
    bool told = false;
    for (int message = 0; message < messages (half); message++) {
        while ((size = zmq_recv (half->socket, topic, sizeof topic, 0)) == 2 && memcmp (topic, "A?", 2) == 0) {
            if (!told)
                say ("subscribed");
            told = true;
        }
        if (size != 1 || topic[0] != 'A')
            fail (half, "a topic that was not wanted");
        expect_body (half, message);
    }
    change_subscription (half, ZMQ_UNSUBSCRIBE, "\0A");
    /* The publisher leaves when it has got the unsubscription; a PUB leaves by itself. */
    if (is (half->with_name, "XPUB") && !heard_within (PATIENCE_SECONDS * 1000))
        fail (half, "the unsubscription did not arrive");
}

/* ---- who plays what ------------------------------------------------------------------------- */

struct role {
    const char *type_name, *with_name; /* with NULL: whatever the peer is */
    int type;
    void (*play)(const struct half *half);
};

static const struct role roles[] = {
    { "REQ", NULL, ZMQ_REQ, ask },
    { "REQS", NULL, ZMQ_REQ, ask_anew },
    { "REP", NULL, ZMQ_REP, answer },
    { "DEALER", "REP", ZMQ_DEALER, ask },
    { "ROUTER", "REQ", ZMQ_ROUTER, answer },
    { "ROUTER", "DEALER", ZMQ_ROUTER, answer },
    { "DEALER", NULL, ZMQ_DEALER, duplex },
    { "ROUTER", NULL, ZMQ_ROUTER, duplex },
    { "PAIR", NULL, ZMQ_PAIR, duplex },
    { "PUSH", NULL, ZMQ_PUSH, send_all },
    { "PULL", NULL, ZMQ_PULL, expect_all },
    { "PUB", NULL, ZMQ_PUB, publish },
    { "XPUB", NULL, ZMQ_XPUB, publish },
    { "SUB", NULL, ZMQ_SUB, subscribe },
    { "XSUB", NULL, ZMQ_XSUB, subscribe },
};

static const struct role *role_of (const struct half *half)
{
    for (const struct role *role = roles; role < roles + sizeof roles / sizeof *roles; role++)
        if (is (role->type_name, half->type_name) && (!role->with_name || is (role->with_name, half->with_name)))
            return role;
    fail (half, "no such socket type");
}

static void set (const struct half *half, int option, const void *value, size_t size)
{
    if (zmq_setsockopt (half->socket, option, value, size) != 0)
        fail (half, "an option was refused");
}

static void set_options (const struct half *half)
{
    int none = 0, on = 1;
    bool publishes = is (half->type_name, "PUB") || is (half->type_name, "XPUB");
    bool subscribes = is (half->type_name, "SUB") || is (half->type_name, "XSUB");
    if (publishes || subscribes) { /* nothing may be dropped, all is checked */
        set (half, ZMQ_SNDHWM, &none, sizeof none);
        set (half, ZMQ_RCVHWM, &none, sizeof none);
    }
    if (is (half->type_name, "REQ") || is (half->type_name, "DEALER") || is (half->type_name, "ROUTER"))
        set (half, ZMQ_ROUTING_ID, half->type_name, strlen (half->type_name));
    if (is (half->type_name, "ROUTER"))
        set (half, ZMQ_ROUTER_MANDATORY, &on, sizeof on);
    if (is (half->type_name, "ROUTER") && is (half->with_name, "ROUTER"))
        set (half, ZMQ_PROBE_ROUTER, &on, sizeof on);
}

static void attach (struct half *half, bool binds, const char *endpoint)
{
    char *text = half->endpoint;
    size_t size = sizeof half->endpoint;
    if (binds) {
        if (zmq_bind (half->socket, endpoint) != 0)
            fail (half, "bind");
        if (zmq_getsockopt (half->socket, ZMQ_LAST_ENDPOINT, text, &size) != 0)
            fail (half, "LAST_ENDPOINT");
        say (text);
        return;
    }
    /* Byte by byte: what follows the line must stay in the pipe for heard_within. */
    size = 0;
    while (size + 1 < sizeof half->endpoint && read (STDIN_FILENO, text + size, 1) == 1 && text[size] != '\n')
        size++;
    text[size] = '\0';
    if (zmq_connect (half->socket, text) != 0)
        fail (half, "connect");
}

int main (int argc, char **argv)
{
    if (argc == 2 && is (argv[1], "library")) {
        printf ("%s\n", library_name ());
        return 0;
    }
    if (argc != 6) {
        fprintf (stderr, "usage: peer TYPE WITH bind|connect ENDPOINT|- ROUNDS\n       peer library\n");
        return 2;
    }
    alarm (PATIENCE_SECONDS);
    struct half half = { .type_name = argv[1], .with_name = argv[2], .rounds = atoi (argv[5]) };
    const struct role *role = role_of (&half);
    half.context = zmq_ctx_new ();
    half.socket = zmq_socket (half.context, role->type);
    if (!half.socket)
        fail (&half, "no socket");
    set_options (&half);
    attach (&half, is (argv[3], "bind"), argv[4]);
    role->play (&half);
    /* No goodbye: what is still under way must arrive because of LINGER alone. */
    if (zmq_close (half.socket) != 0 || zmq_ctx_term (half.context) != 0)
        fail (&half, "the end");
    return 0;
}
