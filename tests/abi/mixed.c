/* Both generations in one file, nested even. Only compiled and linked, by tests/compile.rs, which also checks that the
   calls go to the functions that are meant. */

#ifdef __cplusplus
/* As programs of old do it. */
extern "C" {
#include <zmq.h>
}
#else
#include <zmq.h>
#endif

#define OLD_SEND zmq_send
#define SEND_ALL(socket, message) zmq_send (socket, message, 0)

int main (void)
{
    void *context = zmq_init (1);
    void *(*make_context) (int) = &zmq_init;
    void *socket = zmq_socket (context, ZMQ_REQ);
    zmq_msg_t message, *pointer = &message;
    char data[4];
    int sum = 0;
    zmq_msg_init (pointer);
    sum += zmq_send (socket, pointer, 0);
    sum += zmq_send (socket, data, (size_t) zmq_recv (socket, &message, ZMQ_NOBLOCK), 0);
    sum += OLD_SEND (socket, &message, zmq_recv (socket, data, sizeof data, 0));
    sum += SEND_ALL (socket, pointer);
    sum += make_context (1) != NULL;
    zmq_term (context);
    return sum;
}
