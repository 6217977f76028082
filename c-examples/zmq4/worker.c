/* worker.c - does the tasks that a ventilator deals out, by sleeping, and tells the sink of each.
 * usage: worker [TASKS_ENDPOINT [CONTROL_ENDPOINT [SINK_ENDPOINT]]] */
#include <zmq.h>
#include <stdio.h>
#include <string.h>
#include "text.h"

static void work(long milliseconds)
{
    struct timespec span;
    span.tv_sec = milliseconds / 1000;
    span.tv_nsec = milliseconds % 1000 * 1000000L;
    nanosleep(&span, NULL);
}

int main(int argc, char **argv)
{
    const char *tasks_endpoint = text_argument(argc, argv, 1, "tcp://127.0.0.1:5557");
    const char *control_endpoint = text_argument(argc, argv, 2, "tcp://127.0.0.1:5559");
    const char *sink_endpoint = text_argument(argc, argv, 3, "tcp://127.0.0.1:5558");
    long done = 0;
    int answered = 0;

    void *context = check_handle(zmq_ctx_new(), "ctx_new");
    void *tasks = check_handle(zmq_socket(context, ZMQ_PULL), "socket");
    void *control = check_handle(zmq_socket(context, ZMQ_PUSH), "socket");
    void *sink = check_handle(zmq_socket(context, ZMQ_PUSH), "socket");
    check(zmq_connect(tasks, tasks_endpoint), "connect");
    check(zmq_connect(control, control_endpoint), "connect");
    check(zmq_connect(sink, sink_endpoint), "connect");

    for (;;) {
        char task[16];
        check(receive_text(tasks, task, sizeof task), "recv");
        if (strcmp(task, "stop") == 0)
            break;
        if (strcmp(task, "probe") == 0) {
            if (!answered)
                check(send_text(control, "ready", 0), "send");
            answered = 1;
            continue;
        }
        work(atol(task));
        check(send_text(sink, task, 0), "send");
        done++;
    }

    printf("did %ld tasks\n", done);
    zmq_close(sink);
    zmq_close(control);
    zmq_close(tasks);
    zmq_ctx_term(context);
    return 0;
}
