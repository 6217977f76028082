/* Each call and name of 2.1, as programs of that time use them. Only compiled and linked, by tests/compile.rs. */

#include <zmq.h>
#include <zmq_utils.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void release (void *data, void *hint)
{
    (void) hint;
    free (data);
}

static int options (void *socket)
{
    uint64_t hwm = 1;
    int64_t swap = 25000000, loop = 0, interval = 100, more;
    size_t size = sizeof more;
    zmq_setsockopt (socket, ZMQ_HWM, &hwm, sizeof hwm);
    zmq_setsockopt (socket, ZMQ_SWAP, &swap, sizeof swap);
    zmq_setsockopt (socket, ZMQ_MCAST_LOOP, &loop, sizeof loop);
    zmq_setsockopt (socket, ZMQ_RECOVERY_IVL_MSEC, &interval, sizeof interval);
    zmq_setsockopt (socket, ZMQ_IDENTITY, "name", 4);
    zmq_getsockopt (socket, ZMQ_RCVMORE, &more, &size);
    return more != 0;
}

static int receive_and_send (void *from, void *to)
{
    zmq_msg_t message;
    if (zmq_msg_init (&message) != 0 || zmq_recv (from, &message, ZMQ_NOBLOCK) != 0)
        return -1;
    if (zmq_msg_size (&message) > ZMQ_MAX_VSM_SIZE)
        puts ("long");
    if (zmq_send (to, &message, options (from) ? ZMQ_SNDMORE : 0))
        return -1;
    return zmq_msg_close (&message);
}

int main (void)
{
    static const int types[] = {ZMQ_XREQ, ZMQ_XREP, ZMQ_UPSTREAM, ZMQ_DOWNSTREAM, ZMQ_PAIR, ZMQ_PUB, ZMQ_SUB};
    void *context = zmq_init (1);
    void *frontend = zmq_socket (context, types[0]);
    void *backend = zmq_socket (context, types[1]);
    void *watch = zmq_stopwatch_start ();
    zmq_pollitem_t items[2];
    zmq_msg_t message;
    char *text = (char *) malloc (6);
    int major, minor, patch;
    if (!context)
        printf ("%s\n", zmq_strerror (zmq_errno ()));
    strcpy (text, "Hello");
    zmq_msg_init_data (&message, text, 6, release, NULL);
    zmq_bind (frontend, "inproc://a");
    zmq_connect (backend, "inproc://a");
    items[0].socket = frontend;
    items[1].socket = backend;
    items[0].events = items[1].events = ZMQ_POLLIN;
    zmq_poll (items, 2, 1000 * ZMQ_POLL_MSEC);
    if (items[0].revents & ZMQ_POLLIN)
        receive_and_send (frontend, backend);
    zmq_send (frontend, &message, 0);
    zmq_msg_close (&message);
    zmq_device (ZMQ_QUEUE, frontend, backend);
    zmq_device (ZMQ_FORWARDER, frontend, backend);
    zmq_device (ZMQ_STREAMER, frontend, backend);
    zmq_version (&major, &minor, &patch);
    zmq_sleep (0);
    printf ("%lu %d\n", zmq_stopwatch_stop (watch), (ZMQ_MSG_MORE | ZMQ_MSG_SHARED) == ZMQ_MSG_MASK);
    zmq_close (frontend);
    zmq_close (backend);
    return zmq_term (context);
}
