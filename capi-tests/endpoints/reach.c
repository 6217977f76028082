/* Endpoints at work: several on one socket, IPv6, wildcards, source addresses, names, what is in use already. */
#include "../harness/raw.h"
#include "../harness/test.h"
#include "../harness/wire.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* Longer than a label of a name may be: it fails to resolve without a question to anybody. */
#define UNRESOLVABLE "this-label-is-longer-than-the-sixty-three-octets-that-a-name-allows"

static const char *last_endpoint (void *socket)
{
    char *text = test_keep (malloc (256));
    size_t size = 256;
    EXPECT_OK (zmq_getsockopt (socket, ZMQ_LAST_ENDPOINT, text, &size));
    return text;
}

static int port_of (const char *endpoint)
{
    return atoi (strrchr (endpoint, ':') + 1);
}

static const char *formatted (const char *format, int number)
{
    char *text = test_keep (malloc (256));
    snprintf (text, 256, format, number);
    return text;
}

/* Connects a PUSH to the endpoint, and expects its message at the PULL. */
static void expect_reachable (void *pull, const char *endpoint, int ipv6)
{
    void *push = test_socket (ZMQ_PUSH);
    test_set_int (push, ZMQ_IPV6, ipv6);
    test_connect (push, endpoint);
    SEND (push, endpoint);
    EXPECT_MSG (pull, endpoint);
    test_close (push);
}

/* ---- several endpoints on one socket ---- */

static const char *bind_to (void *socket, const char *endpoint)
{
    EXPECT_OK (zmq_bind (socket, endpoint));
    return last_endpoint (socket);
}

enum { KINDS = 5 };

/* Binds to a fresh endpoint of the n-th kind. */
static const char *bind_to_kind (void *socket, int kind)
{
    char path[160];
    snprintf (path, sizeof path, "ipc://%s/path", test_directory ());
    switch (kind) {
    case 0:
        return bind_to (socket, path);
    case 1:
        return bind_to (socket, formatted ("ipc://@zmqrs-test-reach-%d", getpid ()));
    case 2:
        return bind_to (socket, "inproc://mixed");
    default:
        return bind_to (socket, "tcp://127.0.0.1:*");
    }
}

static void a_socket_binds_to_all_transports_at_once (void)
{
    const char *endpoints[KINDS];
    void *pull = test_socket (ZMQ_PULL);
    for (int i = 0; i < KINDS; i++)
        endpoints[i] = bind_to_kind (pull, i);
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < KINDS; i++)
            expect_reachable (pull, endpoints[i], 0);
}

static void a_socket_connects_to_all_transports_at_once (void)
{
    void *push = test_socket (ZMQ_PUSH), *pulls[KINDS];
    for (int i = 0; i < KINDS; i++)
        pulls[i] = test_socket (ZMQ_PULL);
    for (int i = 0; i < KINDS; i++)
        test_connect (push, bind_to_kind (pulls[i], i));
    for (int i = 0; i < KINDS; i++)
        SEND (push, "one|each");
    for (int i = 0; i < KINDS; i++)
        EXPECT_MSG (pulls[i], "one|each");
}

static void a_socket_may_both_bind_and_connect (void)
{
    void *middle = test_socket (ZMQ_DEALER), *accepted = test_socket (ZMQ_DEALER), *called = test_socket (ZMQ_DEALER);
    test_connect (middle, test_bind (called));
    test_connect (accepted, test_bind (middle));
    SEND (accepted, "in");
    EXPECT_MSG (middle, "in"); /* both peers are attached now, and take turns */
    SEND (middle, "out");
    SEND (middle, "out");
    EXPECT_MSG (accepted, "out");
    EXPECT_MSG (called, "out");
    SEND (called, "back");
    EXPECT_MSG (middle, "back");
}

static const struct twice {
    const char *name;
    int type;
    const char *peer;
    bool again; /* the second connection to the same endpoint is made */
} twice[] = {
    {"DEALER", ZMQ_DEALER, "DEALER", false}, {"REQ", ZMQ_REQ, "REP", false},  {"SUB", ZMQ_SUB, "PUB", false},
    {"PUB", ZMQ_PUB, "SUB", false},          {"PUSH", ZMQ_PUSH, "PULL", true}, {"PULL", ZMQ_PULL, "PUSH", true},
};

static void some_types_connect_to_an_endpoint_once_only (void)
{
    const struct twice *row = test_row ();
    char endpoint[64];
    int listener = raw_listen (endpoint, sizeof endpoint);
    void *socket = test_socket (row->type);
    test_connect (socket, endpoint);
    test_connect (socket, endpoint);
    int peer = raw_accept (listener);
    EXPECT (zmtp_handshake (peer, 1, row->peer));
    EXPECT_INT (raw_is_called (listener, row->again ? test_patience () : 150), row->again);
    EXPECT_OK (zmq_disconnect (socket, endpoint)); /* of both, if there are two */
    EXPECT_ERRNO (zmq_disconnect (socket, endpoint), ENOENT);
    raw_close (peer);
    raw_close (listener);
}

/* ---- tcp: IPv6, wildcards, names ---- */

static void the_wildcard_listens_on_all_addresses (void)
{
    void *pull = test_socket (ZMQ_PULL);
    int port = port_of (bind_to (pull, "tcp://*:*"));
    expect_reachable (pull, formatted ("tcp://127.0.0.1:%d", port), 0);
    expect_reachable (pull, formatted ("tcp://127.0.0.2:%d", port), 0);
    expect_reachable (pull, formatted ("tcp://localhost:%d", port), 0);
}

static void the_wildcard_with_ipv6_listens_on_both_families (void)
{
    void *pull = test_socket (ZMQ_PULL);
    test_set_int (pull, ZMQ_IPV6, 1);
    int port = port_of (bind_to (pull, "tcp://*:*"));
    expect_reachable (pull, formatted ("tcp://[::1]:%d", port), 1);
    expect_reachable (pull, formatted ("tcp://127.0.0.1:%d", port), 0);
    expect_reachable (pull, formatted ("tcp://127.0.0.1:%d", port), 1);
    expect_reachable (pull, formatted ("tcp://localhost:%d", port), 1);
}

static void ipv6_loopback (void)
{
    void *pull = test_socket (ZMQ_PULL);
    test_set_int (pull, ZMQ_IPV6, 1);
    const char *endpoint = bind_to (pull, "tcp://[::1]:*");
    expect_reachable (pull, endpoint, 1);
    EXPECT_OK (zmq_unbind (pull, endpoint));
}

static void an_ipv4_address_bound_with_ipv6_is_reached_from_both (void)
{
    void *pull = test_socket (ZMQ_PULL);
    test_set_int (pull, ZMQ_IPV6, 1);
    const char *endpoint = bind_to (pull, "tcp://127.0.0.1:*");
    expect_reachable (pull, formatted ("tcp://127.0.0.1:%d", port_of (endpoint)), 0);
    expect_reachable (pull, endpoint, 1);
}

static void without_ipv6_an_ipv6_peer_is_out_of_reach (void)
{
    void *pull = test_socket (ZMQ_PULL), *push = test_socket (ZMQ_PUSH);
    test_set_int (pull, ZMQ_IPV6, 1);
    test_set_int (push, ZMQ_IMMEDIATE, 1);
    test_connect (push, bind_to (pull, "tcp://[::1]:*"));
    EXPECT_SILENCE (pull);
    EXPECT_INT (test_events (push), 0);
}

static void a_name_that_does_not_resolve_harms_nobody (void)
{
    void *pull = test_socket (ZMQ_PULL), *push = test_socket (ZMQ_PUSH);
    test_set_int (push, ZMQ_IMMEDIATE, 1);
    test_connect (push, "tcp://" UNRESOLVABLE ":5555");
    test_connect (push, bind_to (pull, "tcp://127.0.0.1:*"));
    for (int i = 0; i < 10; i++) {
        SEND (push, "x");
        EXPECT_MSG (pull, "x");
    }
}

/* ---- tcp: the source address ---- */

static const struct source {
    const char *name, *prefix, *seen;
} sources[] = {
    {"address", "tcp://127.0.0.2:0;", "127.0.0.2"},
    {"interface", "tcp://lo:0;", "127.0.0.1"},
};

static void connect_comes_from_the_source_address (void)
{
    const struct source *row = test_row ();
    char endpoint[64], with_source[128], seen[64];
    struct sockaddr_in address;
    socklen_t size = sizeof address;
    int listener = raw_listen (endpoint, sizeof endpoint);
    snprintf (with_source, sizeof with_source, "%s%s", row->prefix, endpoint + strlen ("tcp://"));
    void *push = test_socket (ZMQ_PUSH);
    test_connect (push, with_source);
    EXPECT_STR (last_endpoint (push), with_source);
    int peer = raw_accept (listener);
    EXPECT_OK (getpeername (peer, (struct sockaddr *) &address, &size));
    EXPECT_STR (inet_ntop (AF_INET, &address.sin_addr, seen, sizeof seen), row->seen);
    EXPECT (zmtp_handshake (peer, 1, "PULL"));
    EXPECT_OK (zmq_disconnect (push, with_source));
    raw_close (peer);
    raw_close (listener);
}

static void connect_comes_from_the_source_port (void)
{
    char endpoint[64];
    struct sockaddr_in address;
    socklen_t size = sizeof address;
    int listener = raw_listen (endpoint, sizeof endpoint), unused;
    char source[64], with_source[160];
    unused = raw_listen (source, sizeof source); /* a port that is free once this is closed */
    raw_close (unused);
    snprintf (with_source, sizeof with_source, "%s;%s", source, endpoint + strlen ("tcp://"));
    test_connect (test_socket (ZMQ_PUSH), with_source);
    int peer = raw_accept (listener);
    EXPECT_OK (getpeername (peer, (struct sockaddr *) &address, &size));
    EXPECT_INT (ntohs (address.sin_port), port_of (source));
    raw_close (peer);
    raw_close (listener);
}

static void an_ipv6_source_address (void)
{
    void *pull = test_socket (ZMQ_PULL), *push = test_socket (ZMQ_PUSH);
    char with_source[160];
    test_set_int (pull, ZMQ_IPV6, 1);
    test_set_int (push, ZMQ_IPV6, 1);
    snprintf (with_source, sizeof with_source, "tcp://[::1]:0;%s", bind_to (pull, "tcp://[::1]:*") + strlen ("tcp://"));
    test_connect (push, with_source);
    SEND (push, "x");
    EXPECT_MSG (pull, "x");
}

/* ---- what is in use ---- */

static void an_endpoint_in_use_is_eaddrinuse (void)
{
    void *first = test_socket (ZMQ_PULL), *second = test_socket (ZMQ_PULL);
    const char *endpoint = test_over ("ipc") ? formatted ("ipc://@zmqrs-test-in-use-%d", getpid ()) : test_endpoint ();
    EXPECT_OK (zmq_bind (first, endpoint));
    EXPECT_ERRNO (zmq_bind (second, endpoint), EADDRINUSE);
    EXPECT_ERRNO (zmq_bind (first, endpoint), EADDRINUSE);
    EXPECT_STR (last_endpoint (second), "");
    expect_reachable (first, endpoint, 0);
    expect_reachable (second, test_bind (second), 0); /* the one that failed is as good as new */
}

static void a_port_of_somebody_else_is_eaddrinuse (void)
{
    char endpoint[64];
    int listener = raw_listen (endpoint, sizeof endpoint);
    EXPECT_ERRNO (zmq_bind (test_socket (ZMQ_PULL), endpoint), EADDRINUSE);
    raw_close (listener);
}

static void an_endpoint_can_be_bound_again_after_unbind (void)
{
    void *first = test_socket (ZMQ_PULL), *second = test_socket (ZMQ_PULL);
    const char *endpoint = test_endpoint ();
    EXPECT_OK (zmq_bind (first, endpoint));
    EXPECT_OK (zmq_unbind (first, endpoint));
    WAIT_UNTIL ((test_events (first), zmq_bind (second, endpoint)) == 0);
    expect_reachable (second, endpoint, 0);
}

/* ---- ipc ---- */

static void a_stale_socket_file_is_replaced (void)
{
    char endpoint[160];
    snprintf (endpoint, sizeof endpoint, "ipc://%s/stale", test_directory ());
    FILE *file = fopen (endpoint + strlen ("ipc://"), "w"); /* any file will do */
    EXPECT (file != NULL);
    fclose (file);
    void *pull = test_socket (ZMQ_PULL);
    EXPECT_OK (zmq_bind (pull, endpoint));
    expect_reachable (pull, endpoint, 0);
}

static void a_second_bind_to_a_path_takes_it_over (void)
{
    void *first = test_socket (ZMQ_PULL), *second = test_socket (ZMQ_PULL);
    char endpoint[160];
    snprintf (endpoint, sizeof endpoint, "ipc://%s/taken", test_directory ());
    EXPECT_OK (zmq_bind (first, endpoint));
    EXPECT_OK (zmq_bind (second, endpoint));
    expect_reachable (second, endpoint, 0);
}

static void a_relative_path_is_relative_to_the_working_directory (void)
{
    EXPECT_OK (chdir (test_directory ()));
    void *pull = test_socket (ZMQ_PULL);
    EXPECT_STR (bind_to (pull, "ipc://relative"), "ipc://relative");
    expect_reachable (pull, "ipc://relative", 0);
    struct stat status;
    EXPECT_OK (stat ("relative", &status));
    EXPECT (S_ISSOCK (status.st_mode));
}

static void the_ipc_wildcard_makes_a_path_and_takes_it_away (void)
{
    struct stat status;
    char directory[256];
    EXPECT_OK (setenv ("TMPDIR", test_directory (), 1));
    void *pull = test_socket (ZMQ_PULL);
    const char *endpoint = bind_to (pull, "ipc://*");
    snprintf (directory, sizeof directory, "%s", endpoint + strlen ("ipc://"));
    EXPECT (strncmp (directory, test_directory (), strlen (test_directory ())) == 0);
    EXPECT_OK (stat (directory, &status));
    EXPECT (S_ISSOCK (status.st_mode));
    expect_reachable (pull, endpoint, 0);
    void *other = test_socket (ZMQ_PULL);
    EXPECT (strcmp (bind_to (other, "ipc://*"), endpoint) != 0);
    EXPECT_OK (zmq_unbind (pull, endpoint));
    WAIT_UNTIL ((test_events (pull), stat (directory, &status)) != 0);
    *strrchr (directory, '/') = '\0';
    WAIT_UNTIL (stat (directory, &status) != 0);
}

static void a_path_whose_directory_comes_later_is_found (void)
{
    void *push = test_socket (ZMQ_PUSH), *pull = test_socket (ZMQ_PULL);
    char directory[128], endpoint[160];
    snprintf (directory, sizeof directory, "%s/later", test_directory ());
    snprintf (endpoint, sizeof endpoint, "ipc://%s/socket", directory);
    test_connect (push, endpoint);
    SEND (push, "patient");
    EXPECT_OK (mkdir (directory, 0700));
    EXPECT_OK (zmq_bind (pull, endpoint));
    EXPECT_MSG (pull, "patient");
}

TESTS ({RUN (a_socket_binds_to_all_transports_at_once)}, {RUN (a_socket_connects_to_all_transports_at_once)},
       {RUN (a_socket_may_both_bind_and_connect), EACH_TRANSPORT},
       {RUN (some_types_connect_to_an_endpoint_once_only), ROWS (twice)}, {RUN (the_wildcard_listens_on_all_addresses)},
       {RUN (the_wildcard_with_ipv6_listens_on_both_families)}, {RUN (ipv6_loopback)},
       {RUN (an_ipv4_address_bound_with_ipv6_is_reached_from_both)}, {RUN (without_ipv6_an_ipv6_peer_is_out_of_reach)},
       {RUN (a_name_that_does_not_resolve_harms_nobody)}, {RUN (connect_comes_from_the_source_address), ROWS (sources)},
       {RUN (connect_comes_from_the_source_port)}, {RUN (an_ipv6_source_address)},
       {RUN (an_endpoint_in_use_is_eaddrinuse), EACH_TRANSPORT}, {RUN (a_port_of_somebody_else_is_eaddrinuse)},
       {RUN (an_endpoint_can_be_bound_again_after_unbind), EACH_TRANSPORT}, {RUN (a_stale_socket_file_is_replaced)},
       {RUN (a_second_bind_to_a_path_takes_it_over)}, {RUN (a_relative_path_is_relative_to_the_working_directory)},
       {RUN (the_ipc_wildcard_makes_a_path_and_takes_it_away)}, {RUN (a_path_whose_directory_comes_later_is_found)});
