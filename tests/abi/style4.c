/* The calls of 4.x, and the ways in which programs name zmq_send and zmq_recv without calling them. Only compiled and
   linked, by tests/compile.rs. */

#include <zmq.h>
#include <stdio.h>
#include <string.h>

/* A program may declare them again. */
#ifdef __cplusplus
extern "C"
#endif
int zmq_send (void *socket, const void *data, size_t size, int flags);

typedef int send_function (void *, const void *, size_t, int);
typedef int receive_function (void *, void *, size_t, int);

struct library
{
    send_function *zmq_send;
    receive_function *zmq_recv;
};

#define DATA_AND_SIZE(text) text, strlen (text)

static int through_pointers (void *socket)
{
    char data[10];
    send_function *send_by_name = zmq_send, *send_by_address = &zmq_send;
    receive_function *receive_by_name = zmq_recv, *receive_by_address = &zmq_recv;
    struct library library = {zmq_send, zmq_recv};
    struct library *pointer = &library;
    return send_by_name (socket, data, 1, 0) + send_by_address (socket, data, 1, 0)
           + receive_by_name (socket, data, sizeof data, 0) + receive_by_address (socket, data, sizeof data, 0)
           + library.zmq_send (socket, data, 1, 0) + pointer->zmq_recv (socket, data, 1, 0)
           + (zmq_send) (socket, data, 1, 0) + (zmq_recv) (socket, data, 1, 0);
}

int main (void)
{
    void *context = zmq_ctx_new ();
    void *socket = zmq_socket (context, ZMQ_PAIR);
    char buffer[256];
    zmq_msg_t message;
    int linger = 0, size;
    zmq_setsockopt (socket, ZMQ_LINGER, &linger, sizeof linger);
    zmq_bind (socket, "tcp://127.0.0.1:*");
    zmq_send (socket, "Hello", 5, ZMQ_SNDMORE);
    zmq_send (socket, DATA_AND_SIZE ("World"), ZMQ_DONTWAIT);
    zmq_send (socket, NULL, 0, 0);
    size = zmq_recv (socket, buffer, sizeof buffer - 1, 0);
    if (size == -1 && zmq_errno () == ETERM)
        puts (zmq_strerror (ETERM));
    zmq_msg_init_size (&message, 3);
    memcpy (zmq_msg_data (&message), "abc", 3);
    zmq_msg_send (&message, socket, 0);
    zmq_msg_recv (&message, socket, ZMQ_DONTWAIT);
    zmq_msg_close (&message);
#ifdef ZMQ_BUILD_DRAFT_API
    zmq_msg_init_buffer (&message, "abc", 3);
    zmq_join (socket, "group");
#endif
    through_pointers (socket);
    zmq_close (socket);
    return zmq_ctx_term (context);
}
