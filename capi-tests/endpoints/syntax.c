/* Which endpoints are accepted, with which errno the others are refused, and how the bound ones are reported.
 *
 * Where libzmq's versions differ (names of hosts in bind, ports beyond 65536) nothing is asked here.
 */
#include "../harness/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Longer than a label of a name may be: it fails to resolve without a question to anybody. */
#define UNRESOLVABLE "this-label-is-longer-than-the-sixty-three-octets-that-a-name-allows"

/* ---- what both calls refuse ---- */

static const struct malformed {
    const char *name, *endpoint;
    int error;
} malformed[] = {
    {"nothing", "", EINVAL},
    {"no scheme", "127.0.0.1:5555", EINVAL},
    {"a word", "tcp", EINVAL},
    {"no slashes", "tcp:", EINVAL},
    {"one slash", "tcp:/127.0.0.1:5555", EINVAL},
    {"empty scheme", "://127.0.0.1:5555", EINVAL},
    {"all empty", "://", EINVAL},
    {"tcp without address", "tcp://", EINVAL},
    {"ipc without address", "ipc://", EINVAL},
    {"inproc without address", "inproc://", EINVAL},
    {"ipc abstract without name", "ipc://@", EINVAL},
    {"unknown scheme", "foo://127.0.0.1:5555", EPROTONOSUPPORT},
    {"unknown scheme without address", "foo://x", EPROTONOSUPPORT},
    {"upper-case scheme", "TCP://127.0.0.1:5555", EPROTONOSUPPORT},
    {"mixed-case scheme", "Inproc://name", EPROTONOSUPPORT},
    {"a scheme's beginning", "tc://127.0.0.1:5555", EPROTONOSUPPORT},
    {"blank before the scheme", " tcp://127.0.0.1:5555", EPROTONOSUPPORT},
    {"udp for this type", "udp://127.0.0.1:5555", ENOCOMPATPROTO},
    {"tcp without port", "tcp://127.0.0.1", EINVAL},
    {"tcp wildcard without port", "tcp://*", EINVAL},
    {"tcp empty port", "tcp://127.0.0.1:", EINVAL},
    {"tcp port in letters", "tcp://127.0.0.1:port", EINVAL},
    {"tcp with a path", "tcp://127.0.0.1:*/path", EINVAL},
};

static void expect_last_endpoint (void *socket, const char *expected)
{
    char text[512];
    size_t size = sizeof text;
    EXPECT_OK (zmq_getsockopt (socket, ZMQ_LAST_ENDPOINT, text, &size));
    EXPECT_INT (size, strlen (text) + 1);
    EXPECT_STR (text, expected);
}

static void malformed_endpoints_are_refused (void)
{
    const struct malformed *row = test_row ();
    void *socket = test_socket (ZMQ_DEALER);
    EXPECT_ERRNO (zmq_bind (socket, row->endpoint), row->error);
    EXPECT_ERRNO (zmq_connect (socket, row->endpoint), row->error);
    expect_last_endpoint (socket, "");
}

/* ---- bind over tcp ---- */

static const struct binding {
    const char *name, *endpoint;
    int ipv6;
    int error;            /* 0: it works */
    const char *reported; /* up to the port */
} bindings[] = {
    {"literal", "tcp://127.0.0.1:*", 0, 0, "tcp://127.0.0.1:"},
    {"port 0", "tcp://127.0.0.1:0", 0, 0, "tcp://127.0.0.1:"},
    {"wildcard", "tcp://*:*", 0, 0, "tcp://0.0.0.0:"},
    {"all-zero literal", "tcp://0.0.0.0:*", 0, 0, "tcp://0.0.0.0:"},
    {"loopback interface", "tcp://lo:*", 0, 0, "tcp://127.0.0.1:"},
    {"brackets", "tcp://[127.0.0.1]:*", 0, 0, "tcp://127.0.0.1:"},
    {"short form", "tcp://127.1:*", 0, 0, "tcp://127.0.0.1:"},
    {"another loopback address", "tcp://127.0.0.2:*", 0, 0, "tcp://127.0.0.2:"},
    {"no interface", "tcp://:*", 0, ENODEV, NULL},
    {"no such interface", "tcp://" UNRESOLVABLE ":*", 0, ENODEV, NULL},
    {"foreign address", "tcp://192.0.2.1:*", 0, EADDRNOTAVAIL, NULL},
    {"port 65536", "tcp://127.0.0.1:65536", 0, EINVAL, NULL},
    {"semicolon", "tcp://127.0.0.1:0;", 0, EINVAL, NULL},
    {"IPv6 literal without IPV6", "tcp://[::1]:*", 0, ENODEV, NULL},
    {"bare IPv6 literal without IPV6", "tcp://::1:*", 0, ENODEV, NULL},
    {"IPv6 literal", "tcp://[::1]:*", 1, 0, "tcp://[::1]:"},
    {"bare IPv6 literal", "tcp://::1:*", 1, 0, "tcp://[::1]:"},
    {"IPv6 wildcard", "tcp://*:*", 1, 0, "tcp://[::]:"},
    {"IPv6 all-zero literal", "tcp://[::]:*", 1, 0, "tcp://[::]:"},
    {"IPv4 literal with IPV6", "tcp://127.0.0.1:*", 1, 0, "tcp://[::ffff:127.0.0.1]:"},
    {"interface with IPV6", "tcp://lo:*", 1, 0, "tcp://[::1]:"},
    {"interface in brackets with IPV6", "tcp://[lo]:*", 1, 0, "tcp://[::1]:"},
    {"IPv6 without port", "tcp://[::1]", 1, ENODEV, NULL},
};

static void tcp_binds_to_what_names_an_interface (void)
{
    const struct binding *row = test_row ();
    void *socket = test_socket (ZMQ_DEALER);
    char text[256];
    size_t size = sizeof text;
    test_set_int (socket, ZMQ_IPV6, row->ipv6);
    if (row->error) {
        EXPECT_ERRNO (zmq_bind (socket, row->endpoint), row->error);
        expect_last_endpoint (socket, "");
        return;
    }
    EXPECT_OK (zmq_bind (socket, row->endpoint));
    EXPECT_OK (zmq_getsockopt (socket, ZMQ_LAST_ENDPOINT, text, &size));
    size_t prefix = strlen (row->reported);
    char *end, *port = text + prefix;
    if (strncmp (text, row->reported, prefix) != 0)
        EXPECT_STR (text, row->reported);
    EXPECT (strtol (port, &end, 10) > 0 && *end == '\0');
    EXPECT_OK (zmq_unbind (socket, text));
}

static void bind_resolves_the_names_of_hosts (void)
{
    void *server = test_socket (ZMQ_REP), *client = test_socket (ZMQ_REQ);
    char text[256];
    size_t size = sizeof text;
    EXPECT_OK (zmq_bind (server, "tcp://localhost:*"));
    EXPECT_OK (zmq_getsockopt (server, ZMQ_LAST_ENDPOINT, text, &size));
    EXPECT (strncmp (text, "tcp://127.0.0.1:", 16) == 0);
    test_connect (client, text);
    SEND (client, "x");
    EXPECT_MSG (server, "x");
}

/* ---- connect over tcp ---- */

static const struct connecting {
    const char *name, *endpoint;
    int error;
} connecting[] = {
    {"literal", "tcp://127.0.0.1:9", 0},
    {"IPv6 literal", "tcp://[::1]:9", 0},
    {"name", "tcp://localhost:9", 0},
    {"name that does not resolve", "tcp://" UNRESOLVABLE ":9", 0},
    {"underscore", "tcp://lo_cal:9", 0},
    {"highest port", "tcp://127.0.0.1:65535", 0},
    {"source", "tcp://127.0.0.1:0;127.0.0.1:9", 0},
    {"source interface", "tcp://lo:0;127.0.0.1:9", 0},
    {"wildcard host", "tcp://*:9", EINVAL},
    {"wildcard port", "tcp://127.0.0.1:*", EINVAL},
    {"wildcard source", "tcp://*:*;127.0.0.1:9", EINVAL},
    {"wildcard source with port", "tcp://*:0;127.0.0.1:9", EINVAL},
    {"empty source", "tcp://;127.0.0.1:9", EINVAL},
    {"blank", "tcp://local host:9", EINVAL},
    {"blank at the end", "tcp://localhost :9", EINVAL},
    {"blank at the start", "tcp:// localhost:9", EINVAL},
    {"comma", "tcp://local,host:9", EINVAL},
    {"at sign", "tcp://me@host:9", EINVAL},
    {"hyphen at the start", "tcp://-host:9", EINVAL},
    {"negative port", "tcp://127.0.0.1:-1", EINVAL},
    {"blank before the port", "tcp://127.0.0.1: 9", EINVAL},
};

static void tcp_connects_to_what_may_be_a_host (void)
{
    const struct connecting *row = test_row ();
    void *socket = test_socket (ZMQ_DEALER);
    if (row->error) {
        EXPECT_ERRNO (zmq_connect (socket, row->endpoint), row->error);
        expect_last_endpoint (socket, "");
    } else {
        EXPECT_OK (zmq_connect (socket, row->endpoint));
        expect_last_endpoint (socket, row->endpoint);
        EXPECT_OK (zmq_disconnect (socket, row->endpoint));
    }
}

/* ---- ipc and inproc ---- */

/* A path of exactly that many bytes in the case's directory. */
static const char *path_of_length (size_t length)
{
    char *endpoint = test_keep (calloc (1, length + 16));
    int head = sprintf (endpoint, "ipc://%s/", test_directory ());
    memset (endpoint + head, 'x', length - (size_t) head + 6);
    return endpoint;
}

static const char *abstract_name_of_length (size_t length)
{
    char *endpoint = test_keep (calloc (1, length + 16));
    int head = sprintf (endpoint, "ipc://@zmqrs-test-%d-", getpid ());
    memset (endpoint + head, 'x', length - (size_t) head + 6);
    return endpoint;
}

static void an_ipc_path_has_107_bytes_at_most (void)
{
    void *socket = test_socket (ZMQ_DEALER);
    const char *longest = path_of_length (107), *too_long = path_of_length (108);
    EXPECT_OK (zmq_bind (socket, longest));
    expect_last_endpoint (socket, longest);
    EXPECT_OK (zmq_connect (socket, longest));
    EXPECT_ERRNO (zmq_bind (socket, too_long), ENAMETOOLONG);
    EXPECT_ERRNO (zmq_connect (socket, too_long), ENAMETOOLONG);
    expect_last_endpoint (socket, longest);
}

static void an_abstract_name_has_107_bytes_at_most (void)
{
    void *socket = test_socket (ZMQ_DEALER);
    const char *longest = abstract_name_of_length (107), *too_long = abstract_name_of_length (108);
    EXPECT_OK (zmq_bind (socket, longest));
    expect_last_endpoint (socket, longest);
    EXPECT_OK (zmq_connect (socket, longest));
    EXPECT_ERRNO (zmq_bind (socket, too_long), ENAMETOOLONG);
    EXPECT_ERRNO (zmq_connect (socket, too_long), ENAMETOOLONG);
}

static void an_ipc_path_in_a_missing_directory_is_enoent (void)
{
    char endpoint[160];
    snprintf (endpoint, sizeof endpoint, "ipc://%s/missing/socket", test_directory ());
    EXPECT_ERRNO (zmq_bind (test_socket (ZMQ_DEALER), endpoint), ENOENT);
}

static const struct inproc_name {
    const char *name, *endpoint;
} inproc_names[] = {
    {"letter", "inproc://a"},       {"blank", "inproc:// "},       {"colon", "inproc://a:b"},
    {"slashes", "inproc:///a//b/"}, {"wildcard", "inproc://*"},    {"another scheme", "inproc://tcp://127.0.0.1:1"},
    {"UTF-8", "inproc://\xC3\xA9"}, {"semicolon", "inproc://a;b"},
};

static void an_inproc_name_is_any_text (void)
{
    const struct inproc_name *row = test_row ();
    void *a = test_socket (ZMQ_PAIR), *b = test_socket (ZMQ_PAIR);
    EXPECT_OK (zmq_bind (a, row->endpoint));
    expect_last_endpoint (a, row->endpoint);
    EXPECT_OK (zmq_connect (b, row->endpoint));
    expect_last_endpoint (b, row->endpoint);
    SEND (b, "x");
    EXPECT_MSG (a, "x");
}

static void an_inproc_name_may_be_long (void)
{
    char endpoint[300] = "inproc://";
    memset (endpoint + 9, 'n', 256);
    void *a = test_socket (ZMQ_PAIR), *b = test_socket (ZMQ_PAIR);
    EXPECT_OK (zmq_bind (a, endpoint));
    EXPECT_OK (zmq_connect (b, endpoint));
    SEND (b, "x");
    EXPECT_MSG (a, "x");
}

/* ---- LAST_ENDPOINT ---- */

static void last_endpoint_follows_what_succeeds (void)
{
    void *socket = test_socket (ZMQ_DEALER);
    expect_last_endpoint (socket, "");
    EXPECT_OK (zmq_bind (socket, "inproc://first"));
    expect_last_endpoint (socket, "inproc://first");
    EXPECT_OK (zmq_connect (socket, "tcp://127.0.0.1:9"));
    expect_last_endpoint (socket, "tcp://127.0.0.1:9");
    EXPECT_ERRNO (zmq_bind (socket, "inproc://first"), EADDRINUSE);
    EXPECT_ERRNO (zmq_connect (socket, "nonsense"), EINVAL);
    expect_last_endpoint (socket, "tcp://127.0.0.1:9");
    EXPECT_OK (zmq_unbind (socket, "inproc://first"));
    expect_last_endpoint (socket, "tcp://127.0.0.1:9");
}

static void last_endpoint_wants_room_for_its_end (void)
{
    void *socket = test_socket (ZMQ_DEALER);
    EXPECT_OK (zmq_bind (socket, "inproc://name"));
    char text[14];
    size_t size = 13; /* the text without its NUL */
    EXPECT_ERRNO (zmq_getsockopt (socket, ZMQ_LAST_ENDPOINT, text, &size), EINVAL);
    size = 14;
    EXPECT_OK (zmq_getsockopt (socket, ZMQ_LAST_ENDPOINT, text, &size));
    EXPECT_INT (size, 14);
    EXPECT_STR (text, "inproc://name");
}

static void no_endpoint_at_all_is_einval (void)
{
    void *socket = test_socket (ZMQ_DEALER);
    EXPECT_ERRNO (zmq_bind (socket, NULL), EINVAL);
    EXPECT_ERRNO (zmq_connect (socket, NULL), EINVAL);
}

TESTS ({RUN (malformed_endpoints_are_refused), ROWS (malformed)},
       {RUN (tcp_binds_to_what_names_an_interface), ROWS (bindings)},
       {RUN (bind_resolves_the_names_of_hosts), BETTER ("libzmq resolves names in bind from 4.3.5 on")},
       {RUN (tcp_connects_to_what_may_be_a_host), ROWS (connecting)}, {RUN (an_ipc_path_has_107_bytes_at_most)},
       {RUN (an_abstract_name_has_107_bytes_at_most)}, {RUN (an_ipc_path_in_a_missing_directory_is_enoent)},
       {RUN (an_inproc_name_is_any_text), ROWS (inproc_names)}, {RUN (an_inproc_name_may_be_long)},
       {RUN (last_endpoint_follows_what_succeeds)}, {RUN (last_endpoint_wants_room_for_its_end)},
       {RUN (no_endpoint_at_all_is_einval), BETTER ("libzmq aborts on a null endpoint")});
