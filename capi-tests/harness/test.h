/* The harness of the C tests: what a test program sees.
 *
 * A program is one .c file of a topic, linked with test.c, which holds main(). It defines functions without arguments
 * and lists them with TESTS. Every case runs in a child process with a time limit, so that an abort or a hang of the
 * library fails that case alone. The process that forks never touches the library.
 *
 * One binary runs against several libraries, and its standard output is the same on all that behave alike:
 *     ok NAME | FAIL NAME | better NAME: REASON     then     N passed, N failed
 * What went wrong is told on standard error. A case marked BETTER pins down what zmqrs does better on purpose: another
 * library skips it (and says so on standard error), zmqrs must pass it; "better" counts neither as passed nor failed.
 *
 * Messages are written as text: frames separated by '|', a byte that does not print as <hh>. "<01>A" is the byte 1
 * and an A, "id||x" three frames of which the second is empty, "" one empty frame.
 */
#ifndef ZMQRS_CAPI_TESTS_TEST_H
#define ZMQRS_CAPI_TESTS_TEST_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <zmq.h>

/* ---- the table of cases ---- */

struct test {
    const char *name;
    void (*run) (void);
    int axes;              /* how the case is multiplied: AXIS_... */
    const char *transport; /* the one transport of a case that is not multiplied by it; inproc if NULL */
    const void *rows;      /* a table that multiplies it too; the first member of a row is its name, a const char * */
    size_t row_size;
    size_t row_count;
    const char *better;    /* the reason, when the case holds for zmqrs only */
    int seconds;           /* time limit; 0 is the usual one */
};

enum { AXIS_NETWORK = 1, AXIS_INPROC = 2, AXIS_BINDER = 4 };

#define RUN(function) .name = #function, .run = function
#define EACH_NETWORK .axes = AXIS_NETWORK                                 /* tcp and ipc */
#define EACH_TRANSPORT .axes = AXIS_NETWORK | AXIS_INPROC                 /* and inproc */
#define EACH_WAY .axes = AXIS_NETWORK | AXIS_INPROC | AXIS_BINDER         /* and whichever side of test_join binds */
#define OVER(one) .transport = one
#define EACH_BINDER .axes = AXIS_BINDER                                   /* over inproc */
#define EACH_NETWORK_WAY .axes = AXIS_NETWORK | AXIS_BINDER
#define ROWS(table) .rows = table, .row_size = sizeof table[0], .row_count = sizeof table / sizeof table[0]
#define BETTER(reason) .better = reason
#define LIMIT(limit) .seconds = limit

#define TESTS(...)                                                                                                     \
    const struct test test_table[] = {__VA_ARGS__};                                                                    \
    const size_t test_table_size = sizeof test_table / sizeof test_table[0]

extern const struct test test_table[];
extern const size_t test_table_size;

/* The row of this run of the case, when it has ROWS. */
const void *test_row (void);

/* ---- expectations: the first that fails ends the case ---- */

#define EXPECT(condition) ((condition) ? (void) 0 : test_fail (__FILE__, __LINE__, "expected %s", #condition))
#define EXPECT_INT(actual, expected) test_expect_int (__FILE__, __LINE__, #actual, (actual), (expected))
#define EXPECT_OK(call) test_expect_ok (__FILE__, __LINE__, #call, (call))
#define EXPECT_ERRNO(call, error) (errno = 0, test_expect_errno (__FILE__, __LINE__, #call, (call), (error)))
#define EXPECT_STR(actual, expected) test_expect_str (__FILE__, __LINE__, #actual, (actual), (expected))

_Noreturn void test_fail (const char *file, int line, const char *format, ...) __attribute__ ((format (printf, 3, 4)));
void test_expect_int (const char *file, int line, const char *what, long long actual, long long expected);
void test_expect_ok (const char *file, int line, const char *what, long long result);
void test_expect_errno (const char *file, int line, const char *what, long long result, int error);
void test_expect_str (const char *file, int line, const char *what, const char *actual, const char *expected);

/* ---- conditions: waited for, up to test_patience() milliseconds ---- */

/* Evaluates the condition again and again until it holds. */
#define WAIT_UNTIL(condition)                                                                                          \
    do {                                                                                                               \
        long long until_ = test_now () + test_patience ();                                                             \
        while (!(condition))                                                                                           \
            test_tick (__FILE__, __LINE__, #condition, until_);                                                        \
    } while (0)

/* Waits until all of the events hold for the socket. */
#define WAIT_EVENTS(socket, events) WAIT_UNTIL ((test_events (socket) & (events)) == (events))

/* Long enough for a machine under load; multiplied by the environment's ZMQ_TEST_PATIENCE (for valgrind). */
int test_patience (void);

/* Whether only one thread runs at a time, as under valgrind: how fast threads are together, or how often one sleeps, tells
 * nothing of the library then. */
bool test_threads_take_turns (void);
long long test_now (void); /* monotonic, in milliseconds */
void test_tick (const char *file, int line, const char *what, long long until);

/* The socket's ZMQ_EVENTS now. Reading them also makes the library process what is pending for the socket. */
int test_events (void *socket);

/* ---- contexts and sockets: closed and terminated by the harness when the case returns ---- */

/* The case's context, made at the first call. */
void *test_context (void);

/* A socket of it, with LINGER 0 and time-outs of test_patience(), so that a missing message fails with EAGAIN. */
void *test_socket (int type);
void *test_socket_in (void *context, int type);
void test_close (void *socket);

/* Closes all sockets and terminates the context, for a case that needs it before its end. */
void test_teardown (void);

void test_set_int (void *socket, int option, int value);
int test_get_int (void *socket, int option);
void test_set_text (void *socket, int option, const char *value);

/* Memory that the harness frees when the case is over. */
void *test_keep (void *memory);

/* ---- endpoints of the transport of this run of the case (inproc when it has none) ---- */

bool test_over (const char *transport);
/* Binds to a fresh endpoint and returns it as the library reports it. */
const char *test_bind (void *socket);
/* A fresh endpoint that nobody is bound to. A tcp port stays reserved for the case: libraries can bind to it. */
const char *test_endpoint (void);
void test_connect (void *socket, const char *endpoint);
/* Binds a and connects b; the other way round in half of the runs of a case that says so. */
void test_join (void *a, void *b);
/* Whether a is the binding side of test_join in this run. */
bool test_first_binds (void);
/* A directory of this case alone. */
const char *test_directory (void);

/* ---- messages in the notation above ---- */

#define SEND(socket, text) test_send (__FILE__, __LINE__, (socket), (text), 0)
/* Sends all but the end of a message: the last frame has MORE too. */
#define SEND_START(socket, text) test_send (__FILE__, __LINE__, (socket), (text), ZMQ_SNDMORE)
#define EXPECT_MSG(socket, text) test_expect_msg (__FILE__, __LINE__, (socket), (text))
/* Waits a short while for a message that must not come: use sparingly, a later message that arrives proves as much. */
#define EXPECT_SILENCE(socket) test_expect_silence (__FILE__, __LINE__, (socket))

void test_send (const char *file, int line, void *socket, const char *text, int flags);
void test_expect_msg (const char *file, int line, void *socket, const char *text);
void test_expect_silence (const char *file, int line, void *socket);

/* A DONTWAIT send, after pending events were processed: 0 or the errno of the frame that failed. */
int test_try_send (void *socket, const char *text);
/* Receives a whole message: its text, or NULL and errno. The text is freed when the case is over. */
const char *test_recv (void *socket, int flags);
/* Sends the text with DONTWAIT until the library refuses, at most `most` times: the number of messages accepted. */
int test_fill (void *socket, const char *text, int most);
/* Receives with DONTWAIT until nothing is left: the number of messages. */
int test_drain (void *socket);
/* Returns once all that the SUB socket has subscribed to is in force at the publisher. Discards what the
 * subscriber has not read yet. */
void test_sync (void *publisher, void *subscriber);

#endif
