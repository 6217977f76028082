/* version.c - prints the version of the library that runs and of the header it was compiled with. */
#include <zmq.h>
#include <stdio.h>

int main(void)
{
    int major, minor, patch;
    zmq_version(&major, &minor, &patch);
    printf("library: ZeroMQ %d.%d.%d\n", major, minor, patch);
    printf("header: ZeroMQ %d.%d.%d\n", ZMQ_VERSION_MAJOR, ZMQ_VERSION_MINOR, ZMQ_VERSION_PATCH);
    return 0;
}
