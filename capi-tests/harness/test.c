/* The harness of the C tests: runs the table of cases, each in a process of its own, and the helpers of test.h. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "test.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <ftw.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MOST_SOCKETS = 4096, MOST_KEPT = 65536, USUAL_LIMIT_S = 30, USUAL_PATIENCE_MS = 10000, SILENCE_MS = 100 };

/* One run of a case: its table entry, with a choice for each of the axes. */
struct run {
    const struct test *test;
    const void *row;
    const char *transport;
    bool second_binds;
    char name[200];
    char directory[80];
};

static struct run current = {.transport = "inproc"};
static void *context;
static void *sockets[MOST_SOCKETS];
static void *kept[MOST_KEPT]; /* memory to free */
static int reserved[64];      /* descriptors that hold ports */
static size_t socket_count, kept_count, reserved_count;

/* ---- time ---- */

static int patience_factor (void)
{
    const char *factor = getenv ("ZMQ_TEST_PATIENCE");
    return factor && atoi (factor) > 0 ? atoi (factor) : 1;
}

int test_patience (void)
{
    return USUAL_PATIENCE_MS * patience_factor ();
}

bool test_threads_take_turns (void)
{
    return getenv ("ZMQ_TEST_TURNS") != NULL;
}

long long test_now (void)
{
    struct timespec now;
    clock_gettime (CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

void test_tick (const char *file, int line, const char *what, long long until)
{
    if (test_now () > until)
        test_fail (file, line, "waited in vain for %s", what);
    poll (NULL, 0, 1);
}

/* ---- expectations ---- */

void test_fail (const char *file, int line, const char *format, ...)
{
    va_list arguments;
    va_start (arguments, format);
    fprintf (stderr, "%s: %s:%d: ", current.name, file, line);
    vfprintf (stderr, format, arguments);
    fputc ('\n', stderr);
    va_end (arguments);
    _exit (1);
}

static const char *error_text (int error)
{
    static char texts[2][128]; /* two, for a message that has an expected and an actual one */
    static int turn;
    turn = !turn;
    snprintf (texts[turn], sizeof texts[turn], "errno %d (%s)", error, zmq_strerror (error));
    return texts[turn];
}

void test_expect_int (const char *file, int line, const char *what, long long actual, long long expected)
{
    int error = errno;
    if (actual != expected)
        test_fail (file, line, "%s: expected %lld, got %lld%s%s", what, expected, actual, actual == -1 ? ", " : "",
                   actual == -1 ? error_text (error) : "");
}

void test_expect_ok (const char *file, int line, const char *what, long long result)
{
    int error = errno;
    if (result == -1)
        test_fail (file, line, "%s: expected success, got %s", what, error_text (error));
}

void test_expect_errno (const char *file, int line, const char *what, long long result, int error)
{
    int actual = errno;
    if (result != -1)
        test_fail (file, line, "%s: expected -1 and %s, got %lld", what, error_text (error), result);
    if (actual != error)
        test_fail (file, line, "%s: expected %s, got %s", what, error_text (error), error_text (actual));
}

void test_expect_str (const char *file, int line, const char *what, const char *actual, const char *expected)
{
    int error = errno;
    if (!actual)
        test_fail (file, line, "%s: expected \"%.300s\", got nothing, %s", what, expected, error_text (error));
    if (strcmp (actual, expected) != 0)
        test_fail (file, line, "%s: expected \"%.300s\", got \"%.300s\"", what, expected, actual);
}

/* ---- contexts and sockets ---- */

void *test_context (void)
{
    if (!context)
        context = zmq_ctx_new ();
    EXPECT (context != NULL);
    return context;
}

void *test_socket_in (void *owner, int type)
{
    void *socket = zmq_socket (owner, type);
    if (!socket)
        test_fail (__FILE__, __LINE__, "zmq_socket of type %d: %s", type, error_text (errno));
    EXPECT (socket_count < MOST_SOCKETS);
    sockets[socket_count++] = socket;
    test_set_int (socket, ZMQ_LINGER, 0);
    test_set_int (socket, ZMQ_RCVTIMEO, test_patience ());
    test_set_int (socket, ZMQ_SNDTIMEO, test_patience ());
    return socket;
}

void *test_socket (int type)
{
    return test_socket_in (test_context (), type);
}

void test_close (void *socket)
{
    for (size_t i = 0; i < socket_count; i++)
        if (sockets[i] == socket) {
            sockets[i] = sockets[--socket_count];
            EXPECT_OK (zmq_close (socket));
            return;
        }
    test_fail (__FILE__, __LINE__, "test_close of a socket that is not open");
}

void test_teardown (void)
{
    while (socket_count > 0)
        test_close (sockets[socket_count - 1]);
    if (context)
        EXPECT_OK (zmq_ctx_term (context));
    context = NULL;
    while (reserved_count > 0)
        close (reserved[--reserved_count]);
    while (kept_count > 0)
        free (kept[--kept_count]);
}

void *test_keep (void *memory)
{
    EXPECT (memory != NULL && kept_count < MOST_KEPT);
    return kept[kept_count++] = memory;
}

static void set_option (void *socket, int option, const void *value, size_t size)
{
    if (zmq_setsockopt (socket, option, value, size) != 0)
        test_fail (__FILE__, __LINE__, "setting option %d: %s", option, error_text (errno));
}

void test_set_int (void *socket, int option, int value)
{
    set_option (socket, option, &value, sizeof value);
}

int test_get_int (void *socket, int option)
{
    int value = -1;
    size_t size = sizeof value;
    if (zmq_getsockopt (socket, option, &value, &size) != 0)
        test_fail (__FILE__, __LINE__, "reading option %d: %s", option, error_text (errno));
    EXPECT_INT (size, sizeof value);
    return value;
}

void test_set_text (void *socket, int option, const char *value)
{
    set_option (socket, option, value, strlen (value));
}

int test_events (void *socket)
{
    return test_get_int (socket, ZMQ_EVENTS);
}

/* ---- endpoints ---- */

const void *test_row (void)
{
    EXPECT (current.row != NULL);
    return current.row;
}

bool test_over (const char *transport)
{
    return strcmp (current.transport, transport) == 0;
}

bool test_first_binds (void)
{
    return !current.second_binds;
}

const char *test_directory (void)
{
    return current.directory;
}

/* A tcp port that is ours although nobody listens: a bound socket that does not listen keeps it from being handed out,
 * and SO_REUSEADDR lets the library bind to it beside us. */
static int reserve_port (void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int yes = 1, fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    EXPECT (fd >= 0 && reserved_count < sizeof reserved / sizeof reserved[0]);
    EXPECT_OK (setsockopt (fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes));
    EXPECT_OK (bind (fd, (struct sockaddr *) &address, size));
    EXPECT_OK (getsockname (fd, (struct sockaddr *) &address, &size));
    reserved[reserved_count++] = fd;
    return ntohs (address.sin_port);
}

const char *test_endpoint (void)
{
    static int number;
    char *text = test_keep (malloc (160));
    number++;
    if (test_over ("tcp"))
        snprintf (text, 160, "tcp://127.0.0.1:%d", reserve_port ());
    else if (test_over ("ipc"))
        snprintf (text, 160, "ipc://%s/%d", current.directory, number);
    else
        snprintf (text, 160, "inproc://endpoint-%d", number);
    return text;
}

const char *test_bind (void *socket)
{
    const char *asked = test_over ("tcp") ? "tcp://127.0.0.1:*" : test_endpoint ();
    char *text = test_keep (malloc (160));
    size_t size = 160;
    if (zmq_bind (socket, asked) != 0)
        test_fail (__FILE__, __LINE__, "bind to %s: %s", asked, error_text (errno));
    EXPECT_OK (zmq_getsockopt (socket, ZMQ_LAST_ENDPOINT, text, &size));
    return text;
}

void test_connect (void *socket, const char *endpoint)
{
    if (zmq_connect (socket, endpoint) != 0)
        test_fail (__FILE__, __LINE__, "connect to %s: %s", endpoint, error_text (errno));
}

void test_join (void *a, void *b)
{
    void *binder = current.second_binds ? b : a;
    test_connect (binder == a ? b : a, test_bind (binder));
}

/* ---- messages ---- */

/* Decodes one frame of the notation; returns where the next begins, or NULL after the last. */
static const char *parse_frame (const char *text, char *bytes, size_t *size)
{
    *size = 0;
    for (; *text && *text != '|'; text++) {
        char digits[3] = "";
        char *end;
        if (*text == '<') {
            EXPECT (strlen (text) >= 4 && text[3] == '>');
            memcpy (digits, text + 1, 2);
            bytes[(*size)++] = (char) strtol (digits, &end, 16);
            EXPECT (*end == '\0');
            text += 3;
        } else
            bytes[(*size)++] = *text;
    }
    return *text ? text + 1 : NULL;
}

/* 0, or the errno of the frame that failed. */
static int send_frames (void *socket, const char *text, int flags)
{
    char *bytes = malloc (strlen (text) + 1);
    int error = 0;
    EXPECT (bytes != NULL);
    while (text && !error) {
        size_t size;
        text = parse_frame (text, bytes, &size);
        int sent = zmq_send (socket, bytes, size, flags | (text ? ZMQ_SNDMORE : 0));
        error = sent < 0 ? errno : 0;
        if (!error)
            EXPECT_INT (sent, size);
    }
    free (bytes);
    return error;
}

void test_send (const char *file, int line, void *socket, const char *text, int flags)
{
    int error = send_frames (socket, text, flags);
    if (error)
        test_fail (file, line, "sending \"%s\": %s", text, error_text (error));
}

int test_try_send (void *socket, const char *text)
{
    test_events (socket);
    return send_frames (socket, text, ZMQ_DONTWAIT);
}

static void render_frame (FILE *out, const unsigned char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (bytes[i] < ' ' || bytes[i] > '~' || strchr ("<>|", bytes[i]))
            fprintf (out, "<%02x>", bytes[i]);
        else
            fputc (bytes[i], out);
}

const char *test_recv (void *socket, int flags)
{
    char *text = NULL;
    size_t length;
    zmq_msg_t frame;
    bool more = false;
    EXPECT_OK (zmq_msg_init (&frame));
    if (zmq_msg_recv (&frame, socket, flags) < 0) {
        int error = errno;
        zmq_msg_close (&frame);
        errno = error;
        return NULL;
    }
    FILE *out = open_memstream (&text, &length);
    EXPECT (out != NULL);
    do {
        if (more) {
            fputc ('|', out);
            EXPECT_OK (zmq_msg_recv (&frame, socket, flags));
        }
        render_frame (out, zmq_msg_data (&frame), zmq_msg_size (&frame));
        more = zmq_msg_more (&frame);
        EXPECT_INT (test_get_int (socket, ZMQ_RCVMORE), more);
    } while (more);
    fclose (out);
    EXPECT_OK (zmq_msg_close (&frame));
    return test_keep (text);
}

void test_expect_msg (const char *file, int line, void *socket, const char *text)
{
    test_expect_str (file, line, "message", test_recv (socket, 0), text);
}

void test_expect_silence (const char *file, int line, void *socket)
{
    zmq_pollitem_t item = {.socket = socket, .events = ZMQ_POLLIN};
    if (zmq_poll (&item, 1, SILENCE_MS) != 0)
        test_fail (file, line, "a message came: \"%s\"", test_recv (socket, ZMQ_DONTWAIT));
}

int test_fill (void *socket, const char *text, int most)
{
    int accepted = 0, error = 0;
    while (accepted < most && (error = test_try_send (socket, text)) == 0)
        accepted++;
    EXPECT (error == 0 || error == EAGAIN);
    return accepted;
}

int test_drain (void *socket)
{
    int received = 0;
    while (test_events (socket) & ZMQ_POLLIN) {
        EXPECT (test_recv (socket, ZMQ_DONTWAIT) != NULL);
        received++;
    }
    return received;
}

/* Reads all that is there; whether the text was among it. */
static bool has_received (void *socket, const char *wanted)
{
    bool found = false;
    while (test_events (socket) & ZMQ_POLLIN) {
        const char *text = test_recv (socket, ZMQ_DONTWAIT);
        EXPECT (text != NULL);
        found = found || strcmp (text, wanted) == 0;
    }
    return found;
}

/* Subscribes to a topic of its own and publishes on it until a message comes through, then until the last has. */
static void sync_once (void *publisher, void *subscriber)
{
    static int count;
    char topic[32], last[40];
    snprintf (topic, sizeof topic, "sync-%d-", ++count);
    snprintf (last, sizeof last, "%send", topic);
    test_set_text (subscriber, ZMQ_SUBSCRIBE, topic);
    WAIT_UNTIL ((test_events (publisher), SEND (publisher, topic), has_received (subscriber, topic)));
    SEND (publisher, last);
    WAIT_UNTIL (has_received (subscriber, last));
    test_set_text (subscriber, ZMQ_UNSUBSCRIBE, topic);
}

/* What is subscribed before the connection stands may arrive in any order, what is subscribed after that arrives in
 * the order of the calls. So the first round awaits the connection, the second the subscriptions. */
void test_sync (void *publisher, void *subscriber)
{
    sync_once (publisher, subscriber);
    sync_once (publisher, subscriber);
}

/* ---- running the table ---- */

static void make_directory (void)
{
    const char *parent = getenv ("TMPDIR");
    if (!parent || strlen (parent) > 50) /* a path of ipc has 107 bytes at most */
        parent = "/tmp";
    snprintf (current.directory, sizeof current.directory, "%s/zmqtest-XXXXXX", parent);
    EXPECT (mkdtemp (current.directory) != NULL);
}

static int remove_entry (const char *path, const struct stat *status, int type, struct FTW *position)
{
    (void) status, (void) type, (void) position;
    return remove (path);
}

static void run_child (const sigset_t *mask)
{
    prctl (PR_SET_PDEATHSIG, SIGKILL);
    setpgid (0, 0);
    sigprocmask (SIG_SETMASK, mask, NULL);
    current.test->run ();
    test_teardown ();
    exit (0);
}

static bool has_ended (pid_t child)
{
    siginfo_t info = {.si_pid = 0};
    return waitid (P_PID, child, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == child;
}

/* Waits for the child and ends what it left behind; true when it succeeded within its time. The child is reaped last,
 * since until then its process group's number cannot belong to somebody else. */
static bool await_child (pid_t child, const sigset_t *child_signal)
{
    int seconds = (current.test->seconds ? current.test->seconds : USUAL_LIMIT_S) * patience_factor ();
    long long until = test_now () + seconds * 1000LL, left;
    bool ended;
    int status;
    while (!(ended = has_ended (child)) && (left = until - test_now ()) > 0) {
        struct timespec wait = {.tv_sec = left / 1000, .tv_nsec = left % 1000 * 1000000};
        sigtimedwait (child_signal, NULL, &wait);
    }
    kill (-child, SIGKILL);
    waitpid (child, &status, 0);
    if (!ended)
        fprintf (stderr, "%s: over the time limit of %d s\n", current.name, seconds);
    else if (WIFSIGNALED (status))
        fprintf (stderr, "%s: ended by signal %d (%s)\n", current.name, WTERMSIG (status),
                 strsignal (WTERMSIG (status)));
    return ended && WIFEXITED (status) && WEXITSTATUS (status) == 0;
}

static bool run_in_child (void)
{
    sigset_t child_signal, before;
    sigemptyset (&child_signal);
    sigaddset (&child_signal, SIGCHLD);
    sigprocmask (SIG_BLOCK, &child_signal, &before);
    make_directory ();
    fflush (NULL);
    pid_t child = fork ();
    if (child == 0)
        run_child (&before);
    EXPECT_OK (child);
    setpgid (child, child);
    bool passed = await_child (child, &child_signal);
    nftw (current.directory, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
    sigprocmask (SIG_SETMASK, &before, NULL);
    return passed;
}

struct tally {
    int listed, passed, failed;
    bool list_only;
    char **wanted; /* up to a NULL */
};

/* A name selects the case of that name and all runs of it: "f" stands for "f/tcp" too. */
static bool is_wanted (const struct tally *tally)
{
    for (char **wanted = tally->wanted; *wanted; wanted++) {
        size_t length = strlen (*wanted);
        if (strncmp (current.name, *wanted, length) == 0 && (!current.name[length] || current.name[length] == '/'))
            return true;
    }
    return !*tally->wanted;
}

static void run_one (struct tally *tally)
{
    const char *reason = current.test->better;
    bool skip = reason && !dlsym (RTLD_DEFAULT, "zmqrs_version"), good = true;
    tally->listed++;
    if (tally->list_only) {
        printf ("%s\n", current.name);
        return;
    }
    if (skip)
        fprintf (stderr, "%s: skipped, this library is not zmqrs\n", current.name);
    else
        good = run_in_child ();
    tally->passed += good && !reason;
    tally->failed += !good;
    if (good && reason)
        printf ("better %s: %s\n", current.name, reason);
    else
        printf ("%s %s\n", good ? "ok" : "FAIL", current.name);
    fflush (stdout);
}

static void choose (const struct test *test, const void *row, const char *transport, int binder)
{
    const char *row_name = "";
    if (row)
        memcpy (&row_name, row, sizeof row_name);
    current.test = test;
    current.row = row;
    current.transport = transport;
    current.second_binds = binder;
    snprintf (current.name, sizeof current.name, "%s%s%s%s%s%s", test->name, row ? "/" : "", row_name,
              test->axes & AXIS_NETWORK ? "/" : "", test->axes & AXIS_NETWORK ? transport : "",
              !(test->axes & AXIS_BINDER) ? "" : binder ? "/second-binds" : "/first-binds");
}

/* Goes through the axes of a test: row, transport, who binds. */
static void run_all_of (const struct test *test, struct tally *tally)
{
    static const char *const all[] = {"tcp", "ipc", "inproc"};
    const char *const one[] = {test->transport ? test->transport : "inproc"};
    const char *const *transports = test->axes & AXIS_NETWORK ? all : one;
    size_t transport_count = !(test->axes & AXIS_NETWORK) ? 1 : test->axes & AXIS_INPROC ? 3 : 2;
    for (size_t row = 0; row < (test->rows ? test->row_count : 1); row++)
        for (size_t transport = 0; transport < transport_count; transport++)
            for (int binder = 0; binder < (test->axes & AXIS_BINDER ? 2 : 1); binder++) {
                choose (test, test->rows ? (const char *) test->rows + row * test->row_size : NULL,
                        transports[transport], binder);
                if (is_wanted (tally))
                    run_one (tally);
            }
}

int main (int argc, char **argv)
{
    bool list_only = argc > 1 && strcmp (argv[1], "--list") == 0;
    struct tally tally = {.list_only = list_only, .wanted = argv + 1 + list_only};
    for (size_t i = 0; i < test_table_size; i++)
        run_all_of (&test_table[i], &tally);
    if (tally.listed == 0) {
        fprintf (stderr, "%s: no such case\n", argv[0]);
        return 2;
    }
    if (!tally.list_only)
        printf ("%d passed, %d failed\n", tally.passed, tally.failed);
    return tally.failed ? 1 : 0;
}
