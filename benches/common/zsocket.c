/* Checked zmq calls and the arguments that all cases share; see zsocket.h. */
#include "zsocket.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "args.h"
#include "report.h"

int context_max_sockets = 0;
int socket_hwm = -1;

static const char *transport;

static void *context_open(void)
{
    void *context = zmq_ctx_new();
    if (context == NULL)
        zfail("zmq_ctx_new");
    if (context_max_sockets > 0 && zmq_ctx_set(context, ZMQ_MAX_SOCKETS, context_max_sockets) != 0)
        zfail("zmq_ctx_set");
    return context;
}

static void context_close(void *context)
{
    while (zmq_ctx_term(context) != 0) {
        if (errno != EINTR)
            zfail("zmq_ctx_term");
    }
}

void zcase_for(struct plan *plan, const char *the_transport)
{
    transport = the_transport;
    plan->threads = is(transport, "inproc");
    plan->timeout_s = (int)arg_int("timeout", 30);
    plan->open = context_open;
    plan->close = context_close;
}

void zcase_args(struct plan *plan)
{
    zcase_for(plan, arg_text("transport", "tcp"));
    if (!is(transport, "tcp") && !is(transport, "ipc") && !is(transport, "inproc")) {
        fprintf(stderr, "unknown transport: %s\n", transport);
        exit(2);
    }
    socket_hwm = (int)arg_int("hwm", -1);
    pace_args();
}

/* The file that zmq_version was loaded from, as the kernel sees it mapped. */
static void loaded_library(char *path, size_t size)
{
    Dl_info info;
    snprintf(path, size, "unknown");
    void *function = dlsym(RTLD_DEFAULT, "zmq_version");
    if (function == NULL || dladdr(function, &info) == 0)
        return;
    FILE *maps = fopen("/proc/self/maps", "r");
    if (maps == NULL)
        return;
    char line[1024];
    while (fgets(line, sizeof line, maps) != NULL) {
        unsigned long from, to;
        int name = 0;
        if (sscanf(line, "%lx-%lx %*s %*s %*s %*s %n", &from, &to, &name) < 2 || name == 0)
            continue;
        if ((uintptr_t)info.dli_fbase >= from && (uintptr_t)info.dli_fbase < to) {
            line[strcspn(line, "\n")] = '\0';
            snprintf(path, size, "%s", line + name);
        }
    }
    fclose(maps);
}

void zcase_report(const char *name)
{
    char text[1024];
    int major, minor, patch;
    report_begin(name);
    report_text("transport", transport);
    zmq_version(&major, &minor, &patch);
    snprintf(text, sizeof text, "%d.%d.%d", major, minor, patch);
    report_text("version", text);
    loaded_library(text, sizeof text);
    report_text("library", text);
    report_number("zmqrs", dlsym(RTLD_DEFAULT, "zmqrs_version") != NULL);
}

void zfail(const char *call)
{
    fail("%s: %s", call, zmq_strerror(zmq_errno()));
}

void *zsocket(const struct side *side, int type)
{
    void *socket = zmq_socket(side->context, type);
    if (socket == NULL)
        zfail("zmq_socket");
    if (socket_hwm >= 0) {
        zset(socket, ZMQ_SNDHWM, socket_hwm);
        zset(socket, ZMQ_RCVHWM, socket_hwm);
    }
    return socket;
}

void zclose(void *socket)
{
    if (zmq_close(socket) != 0)
        zfail("zmq_close");
}

void zset(void *socket, int option, int value)
{
    if (zmq_setsockopt(socket, option, &value, sizeof value) != 0)
        zfail("zmq_setsockopt");
}

void zbind(const struct side *side, void *socket)
{
    char endpoint[ENDPOINT_SIZE];
    size_t size = sizeof endpoint;
    if (is(transport, "tcp")) {
        /* the default of 100 makes a thousand connects at once wait for the kernel's retries */
        zset(socket, ZMQ_BACKLOG, 4096);
        snprintf(endpoint, sizeof endpoint, "tcp://127.0.0.1:*");
    } else {
        snprintf(endpoint, sizeof endpoint, is(transport, "ipc") ? "ipc://@bench-%d-%d" : "inproc://%d-%d",
                 (int)getpid(), side->index);
    }
    if (zmq_bind(socket, endpoint) != 0)
        zfail("zmq_bind");
    if (zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, endpoint, &size) != 0)
        zfail("zmq_getsockopt LAST_ENDPOINT");
    endpoint_post(side->index, endpoint);
}

void zconnect(void *socket, int to_side)
{
    if (zmq_connect(socket, endpoint_await(to_side)) != 0)
        zfail("zmq_connect");
}

void *message_buffer(size_t size)
{
    void *buffer = calloc(1, size);
    if (buffer == NULL)
        fail("no memory for a message of %zu bytes", size);
    return buffer;
}
