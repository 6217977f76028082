/* XPUB against subscribers that say what XSUB never would: repeated and unfounded unsubscriptions, on the wire of
 * ZMTP 3.0 where a subscription is a message. Which of them the application sees depends on the options. */
#include "test.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int dial_tcp (const char *endpoint)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK)};
    int fd = socket (AF_INET, SOCK_STREAM, 0);
    address.sin_port = htons ((uint16_t) atoi (strrchr (endpoint, ':') + 1));
    EXPECT_OK (connect (fd, (struct sockaddr *) &address, sizeof address));
    return fd;
}

static int dial_ipc (const char *endpoint)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket (AF_UNIX, SOCK_STREAM, 0);
    snprintf (address.sun_path, sizeof address.sun_path, "%s", endpoint + strlen ("ipc://"));
    EXPECT_OK (connect (fd, (struct sockaddr *) &address, sizeof address));
    return fd;
}

static void put (int fd, const void *bytes, size_t size)
{
    EXPECT_INT (send (fd, bytes, size, MSG_NOSIGNAL), size);
}

static void take (int fd, void *bytes, size_t size)
{
    EXPECT_INT (recv (fd, bytes, size, MSG_WAITALL), size);
}

/* A subscriber by hand: greeting of ZMTP 3.0 with the NULL mechanism, and a READY command, each way. */
static int raw_subscriber (const char *endpoint)
{
    static const char ready[] = "\4\31\5READY\13Socket-Type\0\0\0\3SUB";
    char greeting[64] = {'\xff', [9] = '\x7f', [10] = 3, [12] = 'N', 'U', 'L', 'L'};
    unsigned char theirs[256];
    int fd = test_over ("tcp") ? dial_tcp (endpoint) : dial_ipc (endpoint);
    put (fd, greeting, sizeof greeting);
    take (fd, theirs, sizeof greeting);
    put (fd, ready, sizeof ready - 1);
    take (fd, theirs, 2);
    EXPECT_INT (theirs[0], 4);
    take (fd, theirs, theirs[1]);
    return fd;
}

static void say (int fd, const char *bytes, size_t size)
{
    char frame[32] = {0, (char) size};
    memcpy (frame + 2, bytes, size);
    put (fd, frame, size + 2);
}

struct mode {
    const char *name;
    int option;
    /* What the application sees of each step of the trace below, and of the two departures. */
    const char *seen[9];
};

/* Steps: a: +A, b: +A, a: +A again, a: -A, a: -A again, b: -Z, b: -A. Then both +A, a: +C, a leaves, b leaves. */
static const struct mode modes[] = {
    {"default", 0, {"<01>A", "", "", "", "<00>A", "<00>Z", "<00>A", "<00>C", "<00>A"}},
    {"verbose", ZMQ_XPUB_VERBOSE, {"<01>A", "<01>A", "<01>A", "", "<00>A", "<00>Z", "<00>A", "<00>C", "<00>A"}},
    {"verboser", ZMQ_XPUB_VERBOSER,
     {"<01>A", "<01>A", "<01>A", "<00>A", "<00>A", "<00>Z", "<00>A", "<00>A,<00>C", "<00>A"}},
    {"manual", ZMQ_XPUB_MANUAL,
     {"<01>A", "<01>A", "<01>A", "<00>A", "<00>A", "<00>Z", "<00>A", "<00>A,<00>C", "<00>A"}},
};

/* Reads until the mark comes; all before it, joined by commas, must be what is expected. */
static void expect_before_mark (void *xpub, const char *expected, int step)
{
    char seen[100] = "";
    for (;;) {
        const char *text = test_recv (xpub, 0);
        EXPECT (text != NULL);
        if (strcmp (text, "mark") == 0)
            break;
        snprintf (seen + strlen (seen), sizeof seen - strlen (seen), "%s%s", *seen ? "," : "", text);
    }
    if (strcmp (seen, expected) != 0)
        test_fail (__FILE__, __LINE__, "step %d: expected \"%s\", got \"%s\"", step, expected, seen);
}

static void what_the_application_sees_of_subscriptions (void)
{
    const struct mode *mode = test_row ();
    static const struct {
        int who;
        const char *bytes;
    } steps[] = {{0, "\1A"}, {1, "\1A"}, {0, "\1A"}, {0, "\0A"}, {0, "\0A"}, {1, "\0Z"}, {1, "\0A"}};
    void *xpub = test_socket (ZMQ_XPUB);
    int peers[2], step = 0;
    if (mode->option)
        test_set_int (xpub, mode->option, 1);
    const char *endpoint = test_bind (xpub);
    for (int i = 0; i < 2; i++)
        peers[i] = raw_subscriber (endpoint);
    for (; step < 7; step++) {
        say (peers[steps[step].who], steps[step].bytes, 2);
        say (peers[steps[step].who], "mark", 4);
        expect_before_mark (xpub, mode->seen[step], step);
    }
    say (peers[1], "\1A", 2);
    say (peers[1], "mark", 4);
    expect_before_mark (xpub, "<01>A", 0);
    say (peers[0], "\1C", 2);
    say (peers[0], "mark", 4);
    expect_before_mark (xpub, "<01>C", 0);
    say (peers[0], "\1A", 2);
    say (peers[0], "mark", 4);
    expect_before_mark (xpub, mode->option ? "<01>A" : "", 0);
    close (peers[0]);
    WAIT_EVENTS (xpub, ZMQ_POLLIN);
    say (peers[1], "mark", 4);
    expect_before_mark (xpub, mode->seen[7], 7);
    close (peers[1]);
    EXPECT_MSG (xpub, mode->seen[8]);
}

/* A publisher keeps a set of peers a topic: one unsubscription undoes any number of subscriptions. */
static void subscribing_twice_is_undone_by_one_unsubscription (void)
{
    void *xpub = test_socket (ZMQ_XPUB);
    char frame[3];
    int peer = raw_subscriber (test_bind (xpub));
    say (peer, "\1A", 2);
    say (peer, "\1A", 2);
    say (peer, "\0A", 2);
    say (peer, "\1B", 2);
    EXPECT_MSG (xpub, "<01>A");
    EXPECT_MSG (xpub, "<00>A");
    EXPECT_MSG (xpub, "<01>B");
    SEND (xpub, "A");
    SEND (xpub, "B");
    take (peer, frame, sizeof frame);
    EXPECT (memcmp (frame, "\0\1B", sizeof frame) == 0);
    close (peer);
}

TESTS ({RUN (what_the_application_sees_of_subscriptions), EACH_NETWORK, ROWS (modes)},
       {RUN (subscribing_twice_is_undone_by_one_unsubscription), EACH_NETWORK});
