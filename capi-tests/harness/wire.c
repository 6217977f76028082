/* Endpoints and contexts for the cases that run over tcp and ipc (see wire.h). */
#include "wire.h"

#include "test.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

const struct wire wires[2] = {{"tcp"}, {"ipc"}};

/* A port that stays ours: the socket bound to it never listens, and shares it with the library by SO_REUSEADDR. */
static int reserved_port (void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int yes = 1, fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    EXPECT_OK (fd);
    EXPECT_OK (setsockopt (fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes));
    EXPECT_OK (bind (fd, (struct sockaddr *) &address, size));
    EXPECT_OK (getsockname (fd, (struct sockaddr *) &address, &size));
    return ntohs (address.sin_port);
}

const char *wire_endpoint (void)
{
    static int count;
    const struct wire *wire = test_row ();
    char *endpoint = test_keep (malloc (160));
    if (strcmp (wire->name, "tcp") == 0)
        snprintf (endpoint, 160, "tcp://127.0.0.1:%d", reserved_port ());
    else
        snprintf (endpoint, 160, "ipc://%s/wire-%d", test_directory (), ++count);
    return endpoint;
}

void *wire_socket (int type, void **context)
{
    *context = zmq_ctx_new ();
    return test_socket_in (*context, type);
}

void wire_close (void *socket, void *context)
{
    test_close (socket);
    EXPECT_OK (zmq_ctx_term (context));
}
