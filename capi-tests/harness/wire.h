/* Cases that only make sense between processes or contexts: they run over tcp and over ipc, not over inproc.
 *
 *     {RUN (a_case), ROWS (wires)}
 */
#ifndef CAPI_TESTS_WIRE_H
#define CAPI_TESTS_WIRE_H

struct wire {
    const char *name;
};

extern const struct wire wires[2];

/* A fresh endpoint of this run's wire that nobody listens on: connecting fails until somebody binds to it. */
const char *wire_endpoint (void);

/* A socket in a context of its own, which only the wire joins to the case's other sockets. It is set up as
 * test_socket does it; wire_close ends it and its context. */
void *wire_socket (int type, void **context);
void wire_close (void *socket, void *context);

#endif
