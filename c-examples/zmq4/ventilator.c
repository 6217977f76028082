/* ventilator.c - deals out tasks that can be done in parallel: each is a number of milliseconds to work.
 * usage: ventilator [TASKS_ENDPOINT [CONTROL_ENDPOINT [SINK_ENDPOINT [TASKS [WORKERS]]]]]
 *
 * Tasks go in turn to the workers that are connected, so whoever came first would get them all. Hence the ventilator
 * sends probes until every worker has got one and said so on the control socket. At the end each gets a "stop": as
 * many of them as there are workers, and dealing in turn does the rest. */
#include <zmq.h>
#include <errno.h>
#include <stdio.h>
#include "text.h"

#define LONGEST_TASK 20

static void await_workers(void *tasks, void *control, long workers)
{
    long present = 0;
    while (present < workers) {
        zmq_pollitem_t item = {control, 0, ZMQ_POLLIN, 0};
        char text[16];
        if (check(zmq_poll(&item, 1, 1), "poll") > 0) {
            check(receive_text(control, text, sizeof text), "recv");
            present++;
        } else if (send_text(tasks, "probe", ZMQ_DONTWAIT) == -1 && zmq_errno() != EAGAIN) {
            check(-1, "send"); /* EAGAIN says that no worker is connected yet */
        }
    }
}

/* Returns how many milliseconds of work it has dealt out. Every run has the same tasks. */
static long deal_tasks(void *tasks, long count)
{
    long total = 0, i;
    for (i = 0; i < count; i++) {
        long milliseconds = 1 + i * 7 % LONGEST_TASK;
        char text[16];
        snprintf(text, sizeof text, "%ld", milliseconds);
        check(send_text(tasks, text, 0), "send");
        total += milliseconds;
    }
    return total;
}

int main(int argc, char **argv)
{
    const char *tasks_endpoint = text_argument(argc, argv, 1, "tcp://127.0.0.1:5557");
    const char *control_endpoint = text_argument(argc, argv, 2, "tcp://127.0.0.1:5559");
    const char *sink_endpoint = text_argument(argc, argv, 3, "tcp://127.0.0.1:5558");
    long count = count_argument(argc, argv, 4, 100);
    long workers = count_argument(argc, argv, 5, 1);
    long i;

    void *context = check_handle(zmq_ctx_new(), "ctx_new");
    void *tasks = check_handle(zmq_socket(context, ZMQ_PUSH), "socket");
    void *control = check_handle(zmq_socket(context, ZMQ_PULL), "socket");
    void *sink = check_handle(zmq_socket(context, ZMQ_PUSH), "socket");
    check(zmq_bind(tasks, tasks_endpoint), "bind");
    announce(tasks, "tasks", tasks_endpoint);
    check(zmq_bind(control, control_endpoint), "bind");
    announce(control, "control", control_endpoint);
    check(zmq_connect(sink, sink_endpoint), "connect");

    await_workers(tasks, control, workers);
    check(send_text(sink, "start", 0), "send");
    printf("dealt %ld tasks to %ld workers, %ld ms of work\n", count, workers, deal_tasks(tasks, count));
    for (i = 0; i < workers; i++)
        check(send_text(tasks, "stop", 0), "send");

    zmq_close(sink);
    zmq_close(control);
    zmq_close(tasks);
    zmq_ctx_term(context);
    return 0;
}
