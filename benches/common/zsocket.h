/* The zmq calls that all cases share, checked: a call that fails ends the run and says which it was. Only the public
 * API is used, in its 4.x form. */
#ifndef BENCH_ZSOCKET_H
#define BENCH_ZSOCKET_H

#include <stdint.h>
#include <zmq.h>

#include "pace.h"
#include "sides.h"
#include "stamp.h"

/* How many sockets a context may have; to be set before the sides start. */
extern int context_max_sockets;
/* Every socket's high-water marks, unless it is -1 (the library's default). */
extern int socket_hwm;

/* The arguments that all cases have: transport (tcp, ipc, inproc), hwm, and those of pace.h. */
void zcase_args(struct plan *plan);
/* The same for a case with one transport and a length of its own. */
void zcase_for(struct plan *plan, const char *the_transport);
/* The case's name, its transport, and the library that is really loaded. */
void zcase_report(const char *name);

void *zsocket(const struct side *side, int type);
void zclose(void *socket);
void zset(void *socket, int option, int value);
/* Binds the case's transport on a free address and posts where. */
void zbind(const struct side *side, void *socket);
void zconnect(void *socket, int to_side);
_Noreturn void zfail(const char *call);

static inline void zsend(void *socket, const void *data, size_t size, int flags)
{
    if (zmq_send(socket, data, size, flags) < 0)
        zfail("zmq_send");
}

static inline size_t zrecv(void *socket, void *data, size_t size)
{
    int received = zmq_recv(socket, data, size, 0);
    if (received < 0)
        zfail("zmq_recv");
    return (size_t)received;
}

/* Stamps the message and sends it. */
static inline void zsend_stamped(void *socket, void *message, size_t size, uint64_t stamp, int flags)
{
    size_t cut = 0;
    if (stamp & MARK_CUT) {
        stamp &= ~MARK_CUT;
        cut = 1;
    }
    stamp_write(message, size, stamp);
    zsend(socket, message, size - cut, flags);
}

/* A buffer for messages, zeroed. */
void *message_buffer(size_t size);

#endif
