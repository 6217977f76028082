/* queue_device.c - a broker between clients and services as ZeroMQ 2.1 has it: a QUEUE device over XREP and XREQ.
 * usage: queue_device [CLIENTS_ENDPOINT [SERVICES_ENDPOINT]], until Ctrl-C */
#include <zmq.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include "../program.h"

/* Need not do anything: that a signal was handled makes the device return with EINTR. */
static void on_interrupt(int number)
{
    (void) number;
}

int main(int argc, char **argv)
{
    const char *clients_endpoint = text_argument(argc, argv, 1, "tcp://127.0.0.1:5560");
    const char *services_endpoint = text_argument(argc, argv, 2, "tcp://127.0.0.1:5561");
    struct sigaction action;
    void *context, *clients, *services;

    memset(&action, 0, sizeof action);
    action.sa_handler = on_interrupt;
    sigaction(SIGINT, &action, NULL);

    context = check_handle(zmq_init(1), "init");
    clients = check_handle(zmq_socket(context, ZMQ_XREP), "socket");
    services = check_handle(zmq_socket(context, ZMQ_XREQ), "socket");
    check(zmq_bind(clients, clients_endpoint), "bind");
    announce(clients, "clients", clients_endpoint);
    check(zmq_bind(services, services_endpoint), "bind");
    announce(services, "services", services_endpoint);

    if (zmq_device(ZMQ_QUEUE, clients, services) == -1 && zmq_errno() != EINTR)
        check(-1, "device");

    printf("device ended\n");
    zmq_close(services);
    zmq_close(clients);
    zmq_term(context);
    return 0;
}
