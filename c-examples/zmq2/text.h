/* text.h - sending and receiving text by the calls of ZeroMQ 2.1, where everything goes through a zmq_msg_t. */
#ifndef EXAMPLE_ZMQ2_TEXT_H
#define EXAMPLE_ZMQ2_TEXT_H

#include "../program.h"
#include <errno.h>

/* Sends `text` as one frame, without its final zero. Returns what zmq_send returns: 0, or -1 and errno. */
static inline int send_text(void *socket, const char *text, int flags)
{
    zmq_msg_t message;
    size_t size = strlen(text);
    int result, error;
    check(zmq_msg_init_size(&message, size), "msg_init_size");
    memcpy(zmq_msg_data(&message), text, size);
    result = zmq_send(socket, &message, flags);
    error = errno;
    zmq_msg_close(&message);
    errno = error;
    return result;
}

/* Receives one frame into `text`, cut to fit, and ends it with a zero. Returns 0, or -1 and errno. */
static inline int receive_text(void *socket, char *text, size_t room)
{
    zmq_msg_t message;
    size_t size;
    check(zmq_msg_init(&message), "msg_init");
    if (zmq_recv(socket, &message, 0) == -1)
        return -1;
    size = zmq_msg_size(&message);
    if (size >= room)
        size = room - 1;
    memcpy(text, zmq_msg_data(&message), size);
    text[size] = '\0';
    zmq_msg_close(&message);
    return 0;
}

#endif
