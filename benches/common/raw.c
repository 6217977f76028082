/* Bare sockets, checked; see raw.h. */
#include "raw.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "args.h"

enum { BACKLOG = 4096 };

union address {
    struct sockaddr any;
    struct sockaddr_in in;
    struct sockaddr_un un;
};

static _Noreturn void raw_fail(const char *call)
{
    fail("%s: %s", call, strerror(errno));
}

static socklen_t unix_address(union address *address, const char *name)
{
    memset(address, 0, sizeof *address);
    address->un.sun_family = AF_UNIX;
    size_t length = strlen(name);
    memcpy(address->un.sun_path + 1, name, length);
    return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + length);
}

static socklen_t tcp_address(union address *address, int port)
{
    memset(address, 0, sizeof *address);
    address->in = (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons((in_port_t)port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    return sizeof address->in;
}

static int open_socket(const char *transport)
{
    int fd = socket(is(transport, "ipc") ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        raw_fail("socket");
    return fd;
}

static void no_delay(int fd)
{
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on); /* refused on ipc, which does not delay */
}

int raw_listen(const struct side *side, const char *transport)
{
    union address address;
    char name[64];
    int fd = open_socket(transport);
    snprintf(name, sizeof name, "bench-limit-%d-%d", (int)getpid(), side->index);
    bool unix_socket = is(transport, "ipc");
    socklen_t length = unix_socket ? unix_address(&address, name) : tcp_address(&address, 0);
    if (bind(fd, &address.any, length) != 0)
        raw_fail("bind");
    if (listen(fd, BACKLOG) != 0)
        raw_fail("listen");
    if (!unix_socket) {
        getsockname(fd, &address.any, &length);
        snprintf(name, sizeof name, "%d", ntohs(address.in.sin_port));
    }
    endpoint_post(side->index, name);
    return fd;
}

int raw_connect(int to_side, const char *transport)
{
    union address address;
    const char *name = endpoint_await(to_side);
    int fd = open_socket(transport);
    socklen_t length = is(transport, "ipc") ? unix_address(&address, name) : tcp_address(&address, atoi(name));
    if (connect(fd, &address.any, length) != 0)
        raw_fail("connect");
    no_delay(fd);
    return fd;
}

int raw_accept(int listener)
{
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    if (fd < 0)
        raw_fail("accept");
    no_delay(fd);
    return fd;
}

void raw_reset(int fd)
{
    struct linger now = {1, 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close(fd);
}

void raw_write(int fd, const void *data, size_t size)
{
    const char *at = data;
    while (size > 0) {
        ssize_t written = send(fd, at, size, MSG_NOSIGNAL);
        if (written < 0)
            raw_fail("send");
        at += written;
        size -= (size_t)written;
    }
}

void raw_read(int fd, void *data, size_t size, bool spin)
{
    char *at = data;
    while (size > 0) {
        ssize_t got = recv(fd, at, size, spin ? MSG_DONTWAIT : 0);
        if (got < 0 && spin && errno == EAGAIN)
            continue;
        if (got <= 0)
            raw_fail("recv");
        at += got;
        size -= (size_t)got;
    }
}
