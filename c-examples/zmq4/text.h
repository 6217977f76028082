/* text.h - sending and receiving text by the buffer calls that ZeroMQ has had since 3.0. */
#ifndef EXAMPLE_ZMQ4_TEXT_H
#define EXAMPLE_ZMQ4_TEXT_H

#include "../program.h"

/* Sends `text` as one frame, without its final zero. Returns its length, or -1 and errno. */
static inline int send_text(void *socket, const char *text, int flags)
{
    return zmq_send(socket, text, strlen(text), flags);
}

/* Receives one frame into `text`, cut to fit, and ends it with a zero. Returns the length kept, or -1 and errno. */
static inline int receive_text(void *socket, char *text, size_t room)
{
    int size = zmq_recv(socket, text, room - 1, 0);
    if (size == -1)
        return -1;
    if ((size_t) size >= room)
        size = (int) room - 1;
    text[size] = '\0';
    return size;
}

#endif
