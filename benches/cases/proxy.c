/* A stream through zmq_proxy: PUSH -> PULL, proxy, PUSH -> PULL, each in a process of its own.
 *
 * Arguments: size. Not for inproc: the proxy is ended by shutting its context down, which is to be its own.
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "args.h"
#include "report.h"
#include "zsocket.h"

enum { RECEIVER, PROXY, SENDER, SIDES };

static size_t message_size;

struct ends {
    void *frontend, *backend;
};

static void *run_proxy(void *arg)
{
    struct ends *ends = arg;
    while (zmq_proxy(ends->frontend, ends->backend, NULL) != 0) {
        if (zmq_errno() == ETERM)
            return NULL;
        if (zmq_errno() != EINTR)
            zfail("zmq_proxy");
    }
    return NULL;
}

static void forward(const struct side *side)
{
    struct ends ends = {zsocket(side, ZMQ_PULL), zsocket(side, ZMQ_PUSH)};
    pthread_t thread;
    zbind(side, ends.frontend);
    zconnect(ends.backend, RECEIVER);
    if (pthread_create(&thread, NULL, run_proxy, &ends) != 0)
        fail("cannot start the proxy's thread");
    counter_wait(&shared->go, 1);
    usage_start(side);
    counter_wait(&shared->done, 1);
    usage_stop(side);
    usage_peak(side);
    if (zmq_ctx_shutdown(side->context) != 0)
        zfail("zmq_ctx_shutdown");
    pthread_join(thread, NULL);
    zclose(ends.frontend);
    zclose(ends.backend);
}

static void push(const struct side *side)
{
    void *socket = zsocket(side, ZMQ_PUSH);
    void *message = message_buffer(message_size);
    zconnect(socket, PROXY);
    struct pace pace = pace_begin();
    for (uint64_t stamp = 0; !(stamp & MARK_END);) {
        stamp = pace_next(&pace);
        if (stamp & MARK_START) {
            usage_start(side);
            counter_add(&shared->go, 1);
        }
        zsend_stamped(socket, message, message_size, stamp, 0);
    }
    counter_wait(&shared->done, 1);
    usage_stop(side);
    usage_peak(side);
    zclose(socket);
    free(message);
}

static void pull(const struct side *side)
{
    void *socket = zsocket(side, ZMQ_PULL);
    void *message = message_buffer(message_size);
    struct meter meter = {0};
    zbind(side, socket);
    while (!meter_take(&meter, side, message, zrecv(socket, message, message_size), message_size))
        ;
    meter_store(&meter, side);
    counter_add(&shared->done, 1);
    zclose(socket);
    free(message);
}

static void body(struct side *side)
{
    void (*const roles[SIDES])(const struct side *) = {pull, forward, push};
    roles[side->index](side);
}

int main(int argc, char **argv)
{
    struct plan plan = {.sides = SIDES, .body = body};
    args_init(argc, argv);
    zcase_args(&plan);
    message_size = (size_t)arg_int("size", 64);
    args_done();
    if (plan.threads) {
        fprintf(stderr, "the proxy case is for tcp and ipc\n");
        return 2;
    }
    sides_run(&plan);
    struct total total = meters_total(RECEIVER, 1, PROXY);
    zcase_report("proxy");
    report_number("messages_per_s", total.per_s);
    report_usage(SIDES, total.messages);
    report_end();
    return 0;
}
