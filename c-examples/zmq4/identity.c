/* identity.c - shows the frames that a ROUTER receives from three kinds of peers, and answers each by its identity.
 * usage: identity [ENDPOINT] */
#include <zmq.h>
#include <stdio.h>
#include <string.h>
#include "text.h"

#define FRAMES 4

struct message {
    char frame[FRAMES][64];
    int size[FRAMES];
    int frames;
};

static void receive_message(void *socket, struct message *message)
{
    int more = 1;
    size_t size = sizeof more;
    for (message->frames = 0; more && message->frames < FRAMES; message->frames++) {
        int i = message->frames;
        message->size[i] = check(zmq_recv(socket, message->frame[i], sizeof message->frame[i], 0), "recv");
        check(zmq_getsockopt(socket, ZMQ_RCVMORE, &more, &size), "getsockopt RCVMORE");
    }
}

static void send_message(void *socket, const struct message *message)
{
    int i;
    for (i = 0; i < message->frames; i++)
        check(zmq_send(socket, message->frame[i], (size_t) message->size[i],
                       i + 1 < message->frames ? ZMQ_SNDMORE : 0), "send");
}

static void print_message(const char *who, const struct message *message)
{
    int i;
    printf("%s:", who);
    for (i = 0; i < message->frames; i++) {
        /* an identity that the router made up starts with a zero byte; what follows differs from run to run */
        if (message->size[i] == 5 && message->frame[i][0] == '\0')
            printf(" [made up, %d bytes]", message->size[i]);
        else
            printf(" [%.*s]", message->size[i], message->frame[i]);
    }
    printf("\n");
}

/* Lets `peer` ask and the router answer to the same envelope. */
static void exchange(void *router, void *peer, const char *name)
{
    struct message message;
    check(send_text(peer, "question", 0), "send");
    receive_message(router, &message);
    print_message(name, &message);

    message.size[message.frames - 1] = snprintf(message.frame[message.frames - 1], 64, "answer for %s", name);
    send_message(router, &message);
    receive_message(peer, &message);
    print_message("  got", &message);
}

static void *peer_socket(void *context, int type, const char *identity, const char *endpoint)
{
    void *socket = check_handle(zmq_socket(context, type), "socket");
    if (identity != NULL)
        check(zmq_setsockopt(socket, ZMQ_IDENTITY, identity, strlen(identity)), "setsockopt IDENTITY");
    check(zmq_connect(socket, endpoint), "connect");
    return socket;
}

int main(int argc, char **argv)
{
    const char *asked = text_argument(argc, argv, 1, "inproc://identity");
    char endpoint[ENDPOINT_SIZE];
    size_t size = sizeof endpoint;
    void *context = check_handle(zmq_ctx_new(), "ctx_new");
    void *router = check_handle(zmq_socket(context, ZMQ_ROUTER), "socket");
    void *unnamed, *named, *requester;

    check(zmq_bind(router, asked), "bind");
    check(zmq_getsockopt(router, ZMQ_LAST_ENDPOINT, endpoint, &size), "getsockopt LAST_ENDPOINT");
    unnamed = peer_socket(context, ZMQ_DEALER, NULL, endpoint);
    named = peer_socket(context, ZMQ_DEALER, "Ada", endpoint);
    requester = peer_socket(context, ZMQ_REQ, "Grace", endpoint);

    exchange(router, unnamed, "unnamed dealer");
    exchange(router, named, "named dealer");
    exchange(router, requester, "named requester");

    zmq_close(requester);
    zmq_close(named);
    zmq_close(unnamed);
    zmq_close(router);
    zmq_ctx_term(context);
    return 0;
}
