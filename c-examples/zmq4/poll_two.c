/* poll_two.c - reads jobs and news from two sockets in one loop, whichever has something.
 * usage: poll_two [JOBS_ENDPOINT [NEWS_ENDPOINT [MESSAGES]]]
 * The senders are two threads of this program, so that it runs by itself. */
#include <zmq.h>
#include <stdio.h>
#include <string.h>
#include "text.h"

struct sender {
    void *socket;
    long messages;
};

static void send_jobs(void *argument)
{
    struct sender *sender = argument;
    long i;
    for (i = 0; i < sender->messages; i++)
        check(send_text(sender->socket, "job", 0), "send");
}

/* An XPUB is told of subscriptions, so it need not guess when its subscriber is there. */
static void send_news(void *argument)
{
    struct sender *sender = argument;
    char subscription[16];
    long i;
    check(zmq_recv(sender->socket, subscription, sizeof subscription, 0), "recv");
    for (i = 0; i < sender->messages; i++)
        check(send_text(sender->socket, "news", 0), "send");
}

/* Binds one socket and connects another to it. */
static void connect_pair(void *bound, const char *asked, void *connected)
{
    char endpoint[ENDPOINT_SIZE];
    size_t size = sizeof endpoint;
    check(zmq_bind(bound, asked), "bind");
    check(zmq_getsockopt(bound, ZMQ_LAST_ENDPOINT, endpoint, &size), "getsockopt LAST_ENDPOINT");
    check(zmq_connect(connected, endpoint), "connect");
}

/* Takes one message if the item says that there is one, and counts it if it is what is expected. */
static long take(const zmq_pollitem_t *item, const char *expected)
{
    char text[16];
    if (!(item->revents & ZMQ_POLLIN))
        return 0;
    check(receive_text(item->socket, text, sizeof text), "recv");
    return strcmp(text, expected) == 0;
}

int main(int argc, char **argv)
{
    const char *jobs_endpoint = text_argument(argc, argv, 1, "tcp://127.0.0.1:5557");
    const char *news_endpoint = text_argument(argc, argv, 2, "tcp://127.0.0.1:5556");
    long messages = count_argument(argc, argv, 3, 10000);
    long jobs_taken = 0, news_taken = 0;
    int wait_when_full = 1; /* where a publisher by default drops */

    void *context = check_handle(zmq_ctx_new(), "ctx_new");
    void *jobs = check_handle(zmq_socket(context, ZMQ_PULL), "socket");
    void *news = check_handle(zmq_socket(context, ZMQ_SUB), "socket");
    /* A socket may move to another thread, as these two do, if only one at a time uses it. */
    struct sender employer = {check_handle(zmq_socket(context, ZMQ_PUSH), "socket"), messages};
    struct sender agency = {check_handle(zmq_socket(context, ZMQ_XPUB), "socket"), messages};
    void *employer_thread, *agency_thread;

    check(zmq_setsockopt(agency.socket, ZMQ_XPUB_NODROP, &wait_when_full, sizeof wait_when_full),
          "setsockopt XPUB_NODROP");
    check(zmq_setsockopt(news, ZMQ_SUBSCRIBE, "news", 4), "setsockopt SUBSCRIBE");
    connect_pair(jobs, jobs_endpoint, employer.socket);
    connect_pair(news, news_endpoint, agency.socket);
    employer_thread = check_handle(zmq_threadstart(send_jobs, &employer), "threadstart");
    agency_thread = check_handle(zmq_threadstart(send_news, &agency), "threadstart");

    while (jobs_taken < messages || news_taken < messages) {
        zmq_pollitem_t items[] = {{NULL, 0, ZMQ_POLLIN, 0}, {NULL, 0, ZMQ_POLLIN, 0}};
        items[0].socket = jobs;
        items[1].socket = news;
        check(zmq_poll(items, 2, -1), "poll");
        jobs_taken += take(&items[0], "job");
        news_taken += take(&items[1], "news");
    }

    printf("took %ld jobs and %ld news\n", jobs_taken, news_taken);
    zmq_threadclose(employer_thread);
    zmq_threadclose(agency_thread);
    zmq_close(employer.socket);
    zmq_close(agency.socket);
    zmq_close(jobs);
    zmq_close(news);
    zmq_ctx_term(context);
    return 0;
}
