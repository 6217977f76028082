/* Prints the value of every constant of zmq.h, the layout of every struct and the type of every function, one a line.
   tests/abi.rs compiles it once with libzmq's zmq.h and once with ours; it makes the list names.inc from libzmq's. */

#define ZMQ_BUILD_DRAFT_API
#include <stddef.h>
#include <stdio.h>
#include <zmq.h>

#define CONSTANT(name) printf ("constant %s %lld\n", #name, (long long) (name));
#define TEXT(name) printf ("text %s %s\n", #name, name);
#define FLAG(name) printf ("flag %s\n", #name);

#define TYPE(type)                                                                                                     \
    printf ("type %s size %zu alignment %zu\n", #type, sizeof (type), __alignof__(type));
#define FIELD(type, field, field_type)                                                                                 \
    printf ("field %s.%s offset %zu size %zu is %s: %d\n", #type, #field, offsetof (type, field),                      \
            sizeof (((type *) 0)->field), #field_type,                                                                 \
            __builtin_types_compatible_p (__typeof__(((type *) 0)->field), field_type));
#define SAME(type, other)                                                                                              \
    printf ("type %s is %s: %d\n", #type, #other, __builtin_types_compatible_p (type, other));

#define FUNCTION(name, returned, parameters)                                                                           \
    printf ("function %s is %s%s: %d\n", #name, #returned, #parameters,                                                \
            __builtin_types_compatible_p (__typeof__(&name), returned (*) parameters));

int main (void)
{
#include "names.inc"

    printf ("macro ZMQ_MAKE_VERSION %d\n", ZMQ_MAKE_VERSION (1, 20, 3));

    TYPE (zmq_msg_t)
    FIELD (zmq_msg_t, _, unsigned char[64])
    TYPE (zmq_pollitem_t)
    FIELD (zmq_pollitem_t, socket, void *)
    FIELD (zmq_pollitem_t, fd, zmq_fd_t)
    FIELD (zmq_pollitem_t, events, short)
    FIELD (zmq_pollitem_t, revents, short)
    TYPE (zmq_poller_event_t)
    FIELD (zmq_poller_event_t, socket, void *)
    FIELD (zmq_poller_event_t, fd, zmq_fd_t)
    FIELD (zmq_poller_event_t, user_data, void *)
    FIELD (zmq_poller_event_t, events, short)
    SAME (struct zmq_msg_t, zmq_msg_t)
    SAME (struct zmq_pollitem_t, zmq_pollitem_t)
    SAME (struct zmq_poller_event_t, zmq_poller_event_t)
    SAME (zmq_fd_t, int)
    SAME (zmq_free_fn *, void (*) (void *, void *))
    SAME (zmq_timer_fn *, void (*) (int, void *))
    SAME (zmq_thread_fn *, void (*) (void *))
    return 0;
}
