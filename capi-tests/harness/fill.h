/* Filling a socket until it stays full: queues and kernel buffers all the way to a peer that does not read. */
#ifndef CAPI_TESTS_FILL_H
#define CAPI_TESTS_FILL_H

void fill_to_the_brim (void *socket);

#endif
