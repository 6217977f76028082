// In C++ too, a name that is not called is the function of 4.x, even where nothing tells which type is meant.

#include <zmq.h>

struct derived : zmq_msg_t
{
};

template <typename function> int arguments (function);
template <> int arguments (int (*) (void *, const void *, size_t, int))
{
    return 4;
}

int main ()
{
    derived message;
    zmq_msg_init (&message);
    zmq_send (0, &message, 0);
    zmq_msg_t copy = message, list[2] = {copy, copy};
    zmq_recv (0, list + 1, 0);
#if __cplusplus >= 201103L
    auto send = zmq_send;
    decltype (&zmq_recv) receive = &zmq_recv;
    send (0, "", 0, 0);
    receive (0, 0, 0, 0);
#endif
    return arguments (zmq_send) + arguments (&zmq_send);
}
