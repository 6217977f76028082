/* Which ZeroMQ library this process really runs on.
 *
 * The tests are compiled once and run against two libraries, chosen by LD_LIBRARY_PATH. A wrong path
 * would silently compare a library with itself, so every program that links library.c checks at its
 * start that the library is the one named in CAPI_TESTS_LIBRARY ("zmqrs" or "libzmq", unset: any) and
 * otherwise exits with 99.
 */
#ifndef CAPI_TESTS_LIBRARY_H
#define CAPI_TESTS_LIBRARY_H

/* "zmqrs" or "libzmq": zmqrs is known by its symbol zmqrs_version. */
const char *library_name (void);

#endif
