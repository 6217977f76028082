/* The peer made by hand: sockets, and as much of ZMTP as the tests speak (see raw.h). */
#include "raw.h"

#include "test.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* Waits until the descriptor is readable, or has ended, or `deadline` is past. */
static bool readable_until (int fd, long long deadline)
{
    for (;;) {
        long long left = deadline - test_now ();
        struct pollfd item = {fd, POLLIN, 0};
        int ready = poll (&item, 1, left > 0 ? (int) left : 0);
        if (ready >= 0)
            return ready == 1;
        EXPECT_INT (errno, EINTR);
    }
}

static bool readable (int fd)
{
    return readable_until (fd, test_now () + test_patience ());
}

/* ---- streams -------------------------------------------------------------------------------- */

union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    struct sockaddr_un path;
};

static socklen_t parse_endpoint (const char *endpoint, union address *address)
{
    memset (address, 0, sizeof *address);
    if (strncmp (endpoint, "ipc://", 6) == 0) {
        address->path.sun_family = AF_UNIX;
        strncpy (address->path.sun_path, endpoint + 6, sizeof address->path.sun_path - 1);
        if (endpoint[6] != '@')
            return sizeof address->path;
        address->path.sun_path[0] = '\0'; /* the abstract namespace */
        return (socklen_t)(offsetof (struct sockaddr_un, sun_path) + strlen (endpoint + 6));
    }
    uint16_t port = htons ((uint16_t)atoi (strrchr (endpoint, ':') + 1));
    if (endpoint[6] == '[') {
        address->v6.sin6_family = AF_INET6;
        address->v6.sin6_port = port;
        address->v6.sin6_addr = in6addr_loopback;
        return sizeof address->v6;
    }
    address->v4.sin_family = AF_INET;
    address->v4.sin_port = port;
    address->v4.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
    return sizeof address->v4;
}

/* Small writes must leave when the test says so; on ipc there is no such option, nor the need. */
static void send_at_once (int fd)
{
    int yes = 1;
    setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
}

int raw_connect (const char *endpoint)
{
    union address address;
    socklen_t size = parse_endpoint (endpoint, &address);
    int fd = socket (address.any.sa_family, SOCK_STREAM, 0);
    EXPECT_OK (fd);
    EXPECT_OK (connect (fd, &address.any, size));
    send_at_once (fd);
    return fd;
}

int raw_listen (char *endpoint, size_t size)
{
    union address address;
    socklen_t length = parse_endpoint ("tcp://127.0.0.1:0", &address);
    int fd = socket (AF_INET, SOCK_STREAM, 0);
    EXPECT_OK (fd);
    EXPECT_OK (bind (fd, &address.any, length));
    EXPECT_OK (getsockname (fd, &address.any, &length));
    EXPECT_OK (listen (fd, 64));
    snprintf (endpoint, size, "tcp://127.0.0.1:%d", ntohs (address.v4.sin_port));
    return fd;
}

bool raw_is_called (int listener, int timeout_ms)
{
    return readable_until (listener, test_now () + timeout_ms);
}

int raw_accept (int listener)
{
    EXPECT (readable (listener));
    int fd = accept (listener, NULL, NULL);
    EXPECT_OK (fd);
    send_at_once (fd);
    return fd;
}

bool raw_send (int fd, const void *bytes, size_t size)
{
    const char *next = bytes;
    while (size > 0) {
        ssize_t sent = send (fd, next, size, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0)
            return false;
        next += sent;
        size -= (size_t)sent;
    }
    return true;
}

size_t raw_bytes (const char *text, unsigned char *bytes, size_t room)
{
    size_t size = 0;
    while (*text) {
        unsigned byte = (unsigned char) *text, times = 1;
        if (*text == '<') {
            EXPECT (sscanf (text, "<%2x*%u>", &byte, &times) >= 1);
            text = strchr (text, '>');
            EXPECT (text != NULL);
        }
        text++;
        EXPECT (size + times <= room);
        memset (bytes + size, (int) byte, times);
        size += times;
    }
    return size;
}

enum { LONGEST_TEXT = 65536 };

bool raw_say (int fd, const char *text)
{
    unsigned char bytes[LONGEST_TEXT];
    return raw_send (fd, bytes, raw_bytes (text, bytes, sizeof bytes));
}

void raw_expect (const char *file, int line, int fd, const char *text)
{
    unsigned char expected[LONGEST_TEXT], bytes[LONGEST_TEXT];
    size_t size = raw_bytes (text, expected, sizeof expected);
    memset (bytes, 0, size);
    bool complete = raw_read (fd, bytes, size);
    for (size_t i = 0; i < size; i++)
        if (bytes[i] != expected[i])
            test_fail (file, line, "\"%s\" expected from the wire: byte %zu is 0x%02x, not 0x%02x%s", text, i, bytes[i],
                       expected[i], complete ? "" : ", and not all came");
    if (!complete)
        test_fail (file, line, "\"%s\" expected from the wire: not all came", text);
}

bool raw_read (int fd, void *bytes, size_t size)
{
    size_t have = 0;
    while (have < size && readable (fd)) {
        ssize_t got = recv (fd, (char *) bytes + have, size - have, 0);
        if (got <= 0)
            break;
        have += (size_t) got;
    }
    return have == size;
}

bool raw_closes (int fd)
{
    char rest[4096];
    while (readable (fd))
        if (recv (fd, rest, sizeof rest, 0) <= 0)
            return true; /* an orderly end, or a reset because of bytes the other end did not read */
    return false;
}

bool raw_silent (int fd, int duration_ms)
{
    return !readable_until (fd, test_now () + duration_ms);
}

void raw_close (int fd)
{
    close (fd);
}

/* ---- ZMTP 3.x ------------------------------------------------------------------------------- */

enum { GREETING = 64 };

bool zmtp_send_greeting (int fd, int minor)
{
    unsigned char greeting[GREETING] = { 0xFF };
    greeting[9] = 0x7F;
    greeting[10] = 3;
    greeting[11] = (unsigned char)minor;
    memcpy (greeting + 12, "NULL", 4);
    return raw_send (fd, greeting, sizeof greeting);
}

static size_t put_property (unsigned char *at, const char *name, const char *value)
{
    size_t name_size = strlen (name), value_size = strlen (value);
    at[0] = (unsigned char)name_size;
    memcpy (at + 1, name, name_size);
    unsigned char *length = at + 1 + name_size;
    length[0] = length[1] = 0;
    length[2] = (unsigned char)(value_size >> 8);
    length[3] = (unsigned char)value_size;
    memcpy (length + 4, value, value_size);
    return 1 + name_size + 4 + value_size;
}

bool zmtp_send_ready (int fd, const char *socket_type, const char *identity)
{
    unsigned char body[512] = "\5READY";
    size_t size = 6;
    size += put_property (body + size, "Socket-Type", socket_type);
    if (identity)
        size += put_property (body + size, "Identity", identity);
    return zmtp_send_frame (fd, ZMTP_COMMAND, body, size);
}

bool zmtp_send_frame (int fd, unsigned char flags, const void *body, size_t size)
{
    unsigned char head[9] = { flags, (unsigned char)size };
    size_t head_size = 2;
    if (size > 255)
        head[0] = flags |= ZMTP_LONG;
    if (flags & ZMTP_LONG) {
        for (int i = 0; i < 8; i++)
            head[1 + i] = (unsigned char)((uint64_t)size >> (56 - 8 * i));
        head_size = 9;
    }
    return raw_send (fd, head, head_size) && raw_send (fd, body, size);
}

long zmtp_read_frame (int fd, unsigned char *flags, void *body, size_t room)
{
    unsigned char length[8];
    if (!raw_read (fd, flags, 1))
        return -1;
    size_t length_size = *flags & ZMTP_LONG ? 8 : 1;
    if (!raw_read (fd, length, length_size))
        return -1;
    uint64_t size = 0;
    for (size_t i = 0; i < length_size; i++)
        size = size << 8 | length[i];
    if (size > room || !raw_read (fd, body, size))
        return -1;
    return (long)size;
}

bool zmtp_read_handshake (int fd)
{
    unsigned char greeting[GREETING], flags, body[1024];
    if (!raw_read (fd, greeting, GREETING))
        return false;
    if (greeting[0] != 0xFF || !(greeting[9] & 1) || greeting[10] != 3 || memcmp (greeting + 12, "NULL\0", 5) != 0)
        return false;
    long size = zmtp_read_frame (fd, &flags, body, sizeof body);
    return size >= 6 && (flags & ZMTP_COMMAND) && memcmp (body, "\5READY", 6) == 0;
}

bool zmtp_handshake (int fd, int minor, const char *socket_type)
{
    return zmtp_send_greeting (fd, minor) && zmtp_send_ready (fd, socket_type, NULL) && zmtp_read_handshake (fd);
}
