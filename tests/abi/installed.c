/* Tells which library a program got that was compiled with what is installed. */

#include <stdio.h>
#include <zmq.h>

int main (void)
{
    int api[3], own[3];
    zmq_version (&api[0], &api[1], &api[2]);
    zmqrs_version (&own[0], &own[1], &own[2]);
    printf ("%d.%d.%d zmqrs %d.%d.%d\n", api[0], api[1], api[2], own[0], own[1], own[2]);
    return 0;
}
