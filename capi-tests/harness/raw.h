/* A peer made by hand: bare stream sockets that speak ZMTP byte by byte, or do not.
 *
 * The tests of the wire use it to stand in for other implementations, old versions and attackers.
 * Nothing here calls the library under test. A call that cannot do its work ends the process with
 * a line on stderr, so the tests need not check; what a test is to judge comes back as a value.
 */
#ifndef CAPI_TESTS_RAW_H
#define CAPI_TESTS_RAW_H

#include <stdbool.h>
#include <stddef.h>

/* How long anything that is bound to happen may take before it counts as missing. */
#define RAW_PATIENCE_MS 10000

/* Connects to "tcp://127.0.0.1:port", "tcp://[::1]:port" or "ipc://path". */
int raw_connect (const char *endpoint);

/* Listens on an ephemeral port of 127.0.0.1 and writes its endpoint. */
int raw_listen (char *endpoint, size_t size);

/* Waits for a connection; -1 if none comes in `timeout_ms`. */
int raw_accept (int listener, int timeout_ms);

/* A port of 127.0.0.1 that nobody listens on; it stays reserved until `raw_close (*holder)`. */
void raw_refusing (char *endpoint, size_t size, int *holder);

/* Writes all of it. false if the other end is gone. */
bool raw_send (int fd, const void *bytes, size_t size);

/* Reads until `size` bytes are there, the end of the stream, or the time is up. Returns the count. */
size_t raw_read (int fd, void *bytes, size_t size, int timeout_ms);

/* Reads and forgets until the other end closes. false if it does not do so in `timeout_ms`. */
bool raw_closes (int fd, int timeout_ms);

/* No byte and no end of the stream for this long. */
bool raw_silent (int fd, int duration_ms);

void raw_close (int fd);

/* ---- ZMTP 3.x ---- */

/* Sends the greeting of version 3.`minor` with the NULL mechanism. */
bool zmtp_send_greeting (int fd, int minor);

/* Sends READY for this socket type, with an Identity if one is given. */
bool zmtp_send_ready (int fd, const char *socket_type, const char *identity);

/* Sends a frame: the flags byte as it stands, the size in the form that the flags say. */
bool zmtp_send_frame (int fd, unsigned char flags, const void *body, size_t size);

/* Reads a frame of at most `room` bytes. Returns its size, or -1 if none comes in time or it is larger. */
long zmtp_read_frame (int fd, unsigned char *flags, void *body, size_t room, int timeout_ms);

/* Reads the library's greeting and its READY. false if either is missing or malformed. */
bool zmtp_read_handshake (int fd);

/* The whole handshake as version 3.`minor`; the other side's half is read and checked too. */
bool zmtp_handshake (int fd, int minor, const char *socket_type);

enum { ZMTP_MORE = 1, ZMTP_LONG = 2, ZMTP_COMMAND = 4 };

#endif
