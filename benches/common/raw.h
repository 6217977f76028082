/* Bare sockets for the limits: what the same work costs with nothing between it and the kernel. */
#ifndef BENCH_RAW_H
#define BENCH_RAW_H

#include <stdbool.h>
#include <stddef.h>

#include "sides.h"

/* Listens on a free loopback port (tcp) or an abstract name (ipc) and posts it as the side's endpoint. */
int raw_listen(const struct side *side, const char *transport);
int raw_connect(int to_side, const char *transport);
int raw_accept(int listener);
/* Closes a connection without leaving a port behind in TIME_WAIT; both ends must be done with it. */
void raw_reset(int fd);

void raw_write(int fd, const void *data, size_t size);
/* Exactly `size` bytes. When spinning, the processor is not given up while nothing is there. */
void raw_read(int fd, void *data, size_t size, bool spin);

#endif
