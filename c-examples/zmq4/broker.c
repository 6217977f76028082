/* broker.c - stands between clients and services that do not know each other: both connect to it.
 * usage: broker [CLIENTS_ENDPOINT [SERVICES_ENDPOINT]], until Ctrl-C */
#include <zmq.h>
#include <stdio.h>
#include "until_interrupt.h"

int main(int argc, char **argv)
{
    const char *clients_endpoint = text_argument(argc, argv, 1, "tcp://127.0.0.1:5560");
    const char *services_endpoint = text_argument(argc, argv, 2, "tcp://127.0.0.1:5561");
    sigset_t interrupts;
    void *context, *clients, *services;

    block_interrupts(&interrupts);
    context = check_handle(zmq_ctx_new(), "ctx_new");
    clients = check_handle(zmq_socket(context, ZMQ_ROUTER), "socket");
    services = check_handle(zmq_socket(context, ZMQ_DEALER), "socket");
    check(zmq_bind(clients, clients_endpoint), "bind");
    announce(clients, "clients", clients_endpoint);
    check(zmq_bind(services, services_endpoint), "bind");
    announce(services, "services", services_endpoint);

    proxy_until_interrupt(context, clients, services, &interrupts);

    printf("broker ended\n");
    zmq_ctx_term(context);
    return 0;
}
