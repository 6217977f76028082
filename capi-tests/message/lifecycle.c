/* Messages by themselves, without a socket: init, size, data, copy, move, close, properties, bad handles. */
#include "test.h"

#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static void message_is_64_bytes_and_pointer_aligned (void)
{
    EXPECT_INT (sizeof (zmq_msg_t), 64);
    EXPECT_INT (_Alignof (zmq_msg_t), _Alignof (void *));
    EXPECT_INT (zmq_ctx_get (test_context (), ZMQ_MSG_T_SIZE), 64);
}

static void init_makes_an_empty_message (void)
{
    zmq_msg_t message;
    memset (&message, 0xA5, sizeof message);
    EXPECT_INT (zmq_msg_init (&message), 0);
    EXPECT_INT (zmq_msg_size (&message), 0);
    EXPECT (zmq_msg_data (&message) != NULL);
    EXPECT_INT (zmq_msg_more (&message), 0);
    EXPECT_INT (zmq_msg_get (&message, ZMQ_MORE), 0);
    EXPECT_INT (zmq_msg_close (&message), 0);
}

struct size_row {
    const char *name;
    size_t size;
};

/* The sizes around every change of representation that a library may have: inline, one byte of length on the wire. */
static const struct size_row sizes[] = {
    {"0", 0},     {"1", 1},     {"29", 29},     {"30", 30},       {"33", 33},           {"34", 34},
    {"40", 40},   {"41", 41},   {"48", 48},     {"64", 64},       {"255", 255},         {"256", 256},
    {"8192", 8192}, {"65535", 65535}, {"65536", 65536}, {"1048577", 1048577},
};

static const struct size_row few_sizes[] = {{"0", 0}, {"33", 33}, {"34", 34}, {"65536", 65536}};

static size_t row_size (void)
{
    return ((const struct size_row *) test_row ())->size;
}

static void fill_pattern (zmq_msg_t *message)
{
    unsigned char *data = zmq_msg_data (message);
    for (size_t i = 0; i < zmq_msg_size (message); i++)
        data[i] = (unsigned char) (i * 7 + i / 251);
}

static void expect_pattern (zmq_msg_t *message, size_t size)
{
    const unsigned char *data = zmq_msg_data (message);
    EXPECT_INT (zmq_msg_size (message), size);
    for (size_t i = 0; i < size; i++)
        if (data[i] != (unsigned char) (i * 7 + i / 251))
            test_fail (__FILE__, __LINE__, "byte %zu of %zu is wrong", i, size);
}

static void init_size_gives_writable_bytes (void)
{
    zmq_msg_t message;
    EXPECT_INT (zmq_msg_init_size (&message, row_size ()), 0);
    EXPECT (zmq_msg_data (&message) != NULL);
    fill_pattern (&message);
    expect_pattern (&message, row_size ());
    EXPECT_INT (zmq_msg_more (&message), 0);
    EXPECT_INT (zmq_msg_close (&message), 0);
}

static void a_copy_has_the_same_bytes_and_outlives_its_source (void)
{
    zmq_msg_t source, copy;
    EXPECT_OK (zmq_msg_init_size (&source, row_size ()));
    fill_pattern (&source);
    EXPECT_OK (zmq_msg_init_size (&copy, 100));
    EXPECT_INT (zmq_msg_copy (&copy, &source), 0);
    expect_pattern (&source, row_size ());
    expect_pattern (&copy, row_size ());
    EXPECT_INT (zmq_msg_close (&source), 0);
    expect_pattern (&copy, row_size ());
    EXPECT_INT (zmq_msg_close (&copy), 0);
}

static void a_move_empties_the_source (void)
{
    zmq_msg_t source, target;
    EXPECT_OK (zmq_msg_init_size (&source, row_size ()));
    fill_pattern (&source);
    EXPECT_OK (zmq_msg_init_size (&target, 100));
    EXPECT_INT (zmq_msg_move (&target, &source), 0);
    expect_pattern (&target, row_size ());
    EXPECT_INT (zmq_msg_size (&source), 0);
    EXPECT_INT (zmq_msg_close (&source), 0);
    EXPECT_INT (zmq_msg_close (&target), 0);
}

static void a_move_keeps_the_address_of_large_content (void)
{
    zmq_msg_t source, target;
    EXPECT_OK (zmq_msg_init_size (&source, 100000));
    EXPECT_OK (zmq_msg_init (&target));
    void *data = zmq_msg_data (&source);
    EXPECT_OK (zmq_msg_move (&target, &source));
    EXPECT (zmq_msg_data (&target) == data);
    EXPECT_OK (zmq_msg_close (&target));
    EXPECT_OK (zmq_msg_close (&source));
}

static void a_closed_message_can_be_initialised_again (void)
{
    zmq_msg_t message;
    for (int i = 0; i < 1000; i++) {
        EXPECT_OK (zmq_msg_init_size (&message, i));
        EXPECT_OK (zmq_msg_close (&message));
    }
    EXPECT_OK (zmq_msg_init (&message));
    EXPECT_OK (zmq_msg_close (&message));
}

/* ---- SHARED ---- */

static void shared_is_clear_on_a_small_message_and_its_copy (void)
{
    zmq_msg_t source, copy;
    EXPECT_OK (zmq_msg_init_size (&source, 10));
    EXPECT_OK (zmq_msg_init (&copy));
    EXPECT_INT (zmq_msg_get (&source, ZMQ_SHARED), 0);
    EXPECT_OK (zmq_msg_copy (&copy, &source));
    EXPECT_INT (zmq_msg_get (&source, ZMQ_SHARED), 0);
    EXPECT_INT (zmq_msg_get (&copy, ZMQ_SHARED), 0);
    EXPECT_OK (zmq_msg_close (&copy));
    EXPECT_OK (zmq_msg_close (&source));
}

static void shared_is_set_on_a_large_message_and_its_copy (void)
{
    zmq_msg_t source, copy;
    EXPECT_OK (zmq_msg_init_size (&source, 10000));
    EXPECT_OK (zmq_msg_init (&copy));
    EXPECT_INT (zmq_msg_get (&source, ZMQ_SHARED), 0);
    EXPECT_OK (zmq_msg_copy (&copy, &source));
    EXPECT_INT (zmq_msg_get (&source, ZMQ_SHARED), 1);
    EXPECT_INT (zmq_msg_get (&copy, ZMQ_SHARED), 1);
    EXPECT (zmq_msg_data (&copy) == zmq_msg_data (&source));
    EXPECT_OK (zmq_msg_close (&copy));
    EXPECT_INT (zmq_msg_get (&source, ZMQ_SHARED), 1);
    EXPECT_OK (zmq_msg_close (&source));
}

static void shared_is_set_on_constant_data (void)
{
    static char constant[100];
    zmq_msg_t message;
    EXPECT_OK (zmq_msg_init_data (&message, constant, sizeof constant, NULL, NULL));
    EXPECT_INT (zmq_msg_get (&message, ZMQ_SHARED), 1);
    EXPECT_OK (zmq_msg_close (&message));
}

/* ---- properties ---- */

static void an_unknown_property_is_einval (void)
{
    zmq_msg_t message;
    EXPECT_OK (zmq_msg_init (&message));
    EXPECT_ERRNO (zmq_msg_get (&message, 0), EINVAL);
    EXPECT_ERRNO (zmq_msg_get (&message, 99), EINVAL);
    EXPECT_ERRNO (zmq_msg_get (&message, -1), EINVAL);
    EXPECT_OK (zmq_msg_close (&message));
}

static void no_property_can_be_set (void)
{
    zmq_msg_t message;
    EXPECT_OK (zmq_msg_init (&message));
    for (int property = 0; property < 5; property++)
        EXPECT_ERRNO (zmq_msg_set (&message, property, 1), EINVAL);
    EXPECT_INT (zmq_msg_more (&message), 0);
    EXPECT_OK (zmq_msg_close (&message));
}

static void a_message_of_ones_own_has_no_metadata (void)
{
    zmq_msg_t message;
    EXPECT_OK (zmq_msg_init_size (&message, 5));
    errno = 0;
    EXPECT (zmq_msg_gets (&message, "Socket-Type") == NULL);
    EXPECT_INT (errno, EINVAL);
    errno = 0;
    EXPECT (zmq_msg_gets (&message, "") == NULL);
    EXPECT_INT (errno, EINVAL);
    EXPECT_ERRNO (zmq_msg_get (&message, ZMQ_SRCFD), EINVAL);
    EXPECT_OK (zmq_msg_close (&message));
}

/* ---- bad handles and sizes ---- */

static void a_zeroed_message_is_efault (void)
{
    zmq_msg_t zeroed, good;
    memset (&zeroed, 0, sizeof zeroed);
    EXPECT_OK (zmq_msg_init_size (&good, 3));
    EXPECT_ERRNO (zmq_msg_close (&zeroed), EFAULT);
    EXPECT_ERRNO (zmq_msg_copy (&good, &zeroed), EFAULT);
    EXPECT_ERRNO (zmq_msg_move (&good, &zeroed), EFAULT);
    EXPECT_ERRNO (zmq_msg_move (&zeroed, &good), EFAULT);
    EXPECT_INT (zmq_msg_size (&good), 3);
    EXPECT_ERRNO (zmq_msg_recv (&zeroed, test_socket (ZMQ_PULL), ZMQ_DONTWAIT), EFAULT);
    EXPECT_OK (zmq_msg_close (&good));
}

static void closing_twice_is_efault (void)
{
    zmq_msg_t message;
    EXPECT_OK (zmq_msg_init_size (&message, row_size ()));
    EXPECT_INT (zmq_msg_close (&message), 0);
    EXPECT_ERRNO (zmq_msg_close (&message), EFAULT);
    EXPECT_INT (zmq_msg_more (&message), 0);
}

static void sending_a_zeroed_message_is_efault (void)
{
    zmq_msg_t zeroed;
    void *pair = test_socket (ZMQ_PAIR);
    memset (&zeroed, 0, sizeof zeroed);
    EXPECT_ERRNO (zmq_msg_send (&zeroed, pair, ZMQ_DONTWAIT), EFAULT);
}

static void an_absurd_size_is_enomem (void)
{
    zmq_msg_t message;
    EXPECT_ERRNO (zmq_msg_init_size (&message, SIZE_MAX / 2), ENOMEM);
    EXPECT_ERRNO (zmq_msg_init_size (&message, SIZE_MAX - 1000), ENOMEM);
    EXPECT_ERRNO (zmq_msg_init_size (&message, SIZE_MAX), ENOMEM);
    EXPECT_OK (zmq_msg_init_size (&message, 100));
    EXPECT_OK (zmq_msg_close (&message));
}

static void copying_onto_itself_changes_nothing (void)
{
    zmq_msg_t message;
    EXPECT_OK (zmq_msg_init_size (&message, row_size ()));
    fill_pattern (&message);
    EXPECT_INT (zmq_msg_copy (&message, &message), 0);
    expect_pattern (&message, row_size ());
    EXPECT_OK (zmq_msg_close (&message));
}

static void init_buffer_copies (void)
{
    int (*init_buffer) (zmq_msg_t *, const void *, size_t);
    char *buffer = malloc (row_size () + 1);
    zmq_msg_t message, model;
    EXPECT (buffer != NULL);
    *(void **) &init_buffer = dlsym (RTLD_DEFAULT, "zmq_msg_init_buffer");
    EXPECT (init_buffer != NULL);
    EXPECT_OK (zmq_msg_init_size (&model, row_size ()));
    fill_pattern (&model);
    memcpy (buffer, zmq_msg_data (&model), row_size ());
    EXPECT_INT (init_buffer (&message, buffer, row_size ()), 0);
    memset (buffer, 0, row_size ());
    expect_pattern (&message, row_size ());
    free (buffer);
    EXPECT_OK (zmq_msg_close (&message));
    EXPECT_OK (zmq_msg_close (&model));
}

TESTS ({RUN (message_is_64_bytes_and_pointer_aligned)}, {RUN (init_makes_an_empty_message)},
       {RUN (init_size_gives_writable_bytes), ROWS (sizes)},
       {RUN (a_copy_has_the_same_bytes_and_outlives_its_source), ROWS (sizes)},
       {RUN (a_move_empties_the_source), ROWS (sizes)}, {RUN (a_move_keeps_the_address_of_large_content)},
       {RUN (a_closed_message_can_be_initialised_again)}, {RUN (shared_is_clear_on_a_small_message_and_its_copy)},
       {RUN (shared_is_set_on_a_large_message_and_its_copy)}, {RUN (shared_is_set_on_constant_data)},
       {RUN (an_unknown_property_is_einval)}, {RUN (no_property_can_be_set)},
       {RUN (a_message_of_ones_own_has_no_metadata)}, {RUN (a_zeroed_message_is_efault)},
       {RUN (closing_twice_is_efault), ROWS (few_sizes)},
       {RUN (sending_a_zeroed_message_is_efault), BETTER ("libzmq aborts")},
       {RUN (an_absurd_size_is_enomem)},
       {RUN (copying_onto_itself_changes_nothing), ROWS (few_sizes), BETTER ("libzmq aborts")},
       {RUN (init_buffer_copies), ROWS (few_sizes), BETTER ("a draft call that stable builds of libzmq lack")});
