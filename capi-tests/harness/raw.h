/* A peer made by hand: bare stream sockets that speak ZMTP byte by byte, or do not.
 *
 * The tests of the wire use it to stand in for other implementations, old versions and attackers.
 * Nothing here calls the library under test. What the system refuses fails the case; what the
 * test is to judge comes back as a value. Waits end after test_patience ().
 */
#ifndef CAPI_TESTS_RAW_H
#define CAPI_TESTS_RAW_H

#include <stdbool.h>
#include <stddef.h>

/* Connects to "tcp://127.0.0.1:port", "tcp://[::1]:port" or "ipc://path". */
int raw_connect (const char *endpoint);

/* Listens on an ephemeral port of 127.0.0.1 and writes its endpoint. */
int raw_listen (char *endpoint, size_t size);

/* Waits for a connection. */
int raw_accept (int listener);

/* Whether a connection comes in this time; it is left to raw_accept. */
bool raw_is_called (int listener, int timeout_ms);

/* Writes all of it. false if the other end is gone. */
bool raw_send (int fd, const void *bytes, size_t size);

/* Bytes written as text, as in test.h and with repetition: "<ff><00*8><7f>" are ten bytes. */
size_t raw_bytes (const char *text, unsigned char *bytes, size_t room);

/* Writes the bytes that the text stands for. */
bool raw_say (int fd, const char *text);

/* Reads as many bytes as the text stands for, and expects just these. */
#define RAW_EXPECT(fd, text) raw_expect (__FILE__, __LINE__, (fd), (text))
void raw_expect (const char *file, int line, int fd, const char *text);

/* Reads until `size` bytes are there. false if the stream ends before, or they do not come. */
bool raw_read (int fd, void *bytes, size_t size);

/* Reads and forgets until the other end closes. false if it does not do so. */
bool raw_closes (int fd);

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

/* Reads a frame of at most `room` bytes. Returns its size, or -1 if none comes or it is larger. */
long zmtp_read_frame (int fd, unsigned char *flags, void *body, size_t room);

/* Reads the library's greeting and its READY. false if either is missing or malformed. */
bool zmtp_read_handshake (int fd);

/* The whole handshake as version 3.`minor`; the other side's half is read and checked too. */
bool zmtp_handshake (int fd, int minor, const char *socket_type);

enum { ZMTP_MORE = 1, ZMTP_LONG = 2, ZMTP_COMMAND = 4 };

#endif
