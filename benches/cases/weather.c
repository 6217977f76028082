/* The weather server: one PUB with updates for 100 000 zip codes in turn, SUB processes that each want one of them.
 * Nearly all of the work is finding out, in the publisher, that nobody wants an update.
 *
 * Arguments: updates, a multiple of 100 000; subscribers. An update is the text "zip round complement"; every
 * subscriber must see its zip in every round, once and in order.
 */
#include <stdio.h>
#include <stdlib.h>

#include "args.h"
#include "clock.h"
#include "report.h"
#include "zsocket.h"

enum { PUBLISHER, FIRST_SUBSCRIBER };
enum { ZIPS = 100000, STRIDE = 48271 /* prime to ZIPS: each zip once a round, in no order */ };
enum { DIGITS = 5, ZIP = 0, ROUND = DIGITS + 1, COMPLEMENT = ROUND + DIGITS + 1, UPDATE_SIZE = COMPLEMENT + DIGITS };
enum { AT = 0 }; /* when it began or was done, among a side's values */

static uint64_t updates;
static int subscribers;

static void write_digits(char *text, uint64_t number)
{
    for (int i = DIGITS - 1; i >= 0; i--) {
        text[i] = (char)('0' + number % 10);
        number /= 10;
    }
}

static uint64_t zip_of(int side)
{
    return 10001 + 7 * (uint64_t)side;
}

static void write_update(char *update, uint64_t zip, uint64_t round)
{
    memset(update, ' ', UPDATE_SIZE);
    write_digits(update + ZIP, zip);
    write_digits(update + ROUND, round);
    write_digits(update + COMPLEMENT, ZIPS - 1 - round);
}

/* An update with no number after the zip only tells the subscriber that it is connected. */
static void await_subscribers(void *socket)
{
    char update[UPDATE_SIZE];
    while (counter_read(&shared->ready) < (uint32_t)subscribers) {
        for (int i = 0; i < subscribers; i++) {
            write_update(update, zip_of(FIRST_SUBSCRIBER + i), 0);
            zsend(socket, update, ROUND, 0);
        }
        pause_ns(NS_PER_MS);
    }
}

static void publish(const struct side *side)
{
    void *socket = zsocket(side, ZMQ_PUB);
    char update[UPDATE_SIZE];
    zbind(side, socket);
    await_subscribers(socket);
    usage_start(side);
    shared->side[PUBLISHER].values[AT] = (double)now_ns() / 1e9;
    uint64_t zip = 0;
    for (uint64_t round = 0; round < updates / ZIPS; round++) {
        write_update(update, 0, round);
        for (uint64_t i = 0; i < ZIPS; i++) {
            write_digits(update + ZIP, zip);
            zip = (zip + STRIDE) % ZIPS;
            zsend(socket, update, sizeof update, 0);
        }
    }
    counter_wait(&shared->done, (uint32_t)subscribers);
    usage_stop(side);
    usage_peak(side);
    zclose(socket);
}

static void subscribe(const struct side *side)
{
    void *socket = zsocket(side, ZMQ_SUB);
    char update[UPDATE_SIZE], expected[UPDATE_SIZE];
    write_update(expected, zip_of(side->index), 0);
    if (zmq_setsockopt(socket, ZMQ_SUBSCRIBE, expected, ROUND) != 0)
        zfail("zmq_setsockopt SUBSCRIBE");
    zconnect(socket, PUBLISHER);
    zrecv(socket, update, sizeof update);
    counter_add(&shared->ready, 1);
    usage_start(side);
    for (uint64_t round = 0; round < updates / ZIPS;) {
        size_t size = zrecv(socket, update, sizeof update);
        if (size == ROUND)
            continue;
        write_update(expected, zip_of(side->index), round++);
        if (size != UPDATE_SIZE || memcmp(update, expected, UPDATE_SIZE) != 0)
            fail("got \"%.*s\" where \"%.*s\" was expected", (int)size, update, UPDATE_SIZE, expected);
    }
    shared->side[side->index].values[AT] = (double)now_ns() / 1e9;
    usage_stop(side);
    usage_peak(side);
    counter_add(&shared->done, 1);
    zclose(socket);
}

static void body(struct side *side)
{
    if (side->index == PUBLISHER)
        publish(side);
    else
        subscribe(side);
}

int main(int argc, char **argv)
{
    struct plan plan = {.body = body};
    args_init(argc, argv);
    zcase_args(&plan);
    updates = (uint64_t)arg_int("updates", 10000000);
    subscribers = (int)arg_int("subscribers", 5);
    args_done();
    plan.sides = FIRST_SUBSCRIBER + subscribers;
    sides_run(&plan);
    double end = 0;
    for (int i = FIRST_SUBSCRIBER; i < plan.sides; i++) {
        double done = shared->side[i].values[AT];
        end = done > end ? done : end;
    }
    zcase_report("weather");
    report_number("seconds", end - shared->side[PUBLISHER].values[AT]);
    report_usage(plan.sides, (double)updates);
    report_end();
    return 0;
}
