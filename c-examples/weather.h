/* weather.h - the weather that both generations of the publisher tell: random, but the same in every run, and written
 * without printf, which would take longer than publishing. No ZeroMQ in here. */
#ifndef EXAMPLE_WEATHER_H
#define EXAMPLE_WEATHER_H

#include <stdio.h>
#include <string.h>

#define ZIP_CODES 100000
#define UPDATE_SIZE 24

/* What publisher and subscribers tell each other, behind the zip code it is about. To the publisher, on the second
 * pair of sockets: */
#define WEATHER_SUBSCRIBING "subscribing"
#define WEATHER_RECEIVING "receiving"
/* To the subscribers, in place of an update: */
#define WEATHER_PROBE "probe"
#define WEATHER_END "end"

struct update {
    int zip;
    int temperature;
    int humidity;
};

/* What was sent, or received, for one zip code. */
struct tally {
    int zip;
    long updates;
    long long temperatures;
};

static inline unsigned weather_random(unsigned below)
{
    /* Marsaglia's xorshift with a fixed seed */
    static unsigned state = 2463534242u;
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state % below;
}

static inline struct update weather_now(void)
{
    struct update now;
    now.zip = (int) weather_random(ZIP_CODES);
    now.temperature = (int) weather_random(150) - 30;
    now.humidity = (int) weather_random(90) + 10;
    return now;
}

/* Writes `number` in decimal, with at least `digits` digits, and returns the place behind it. */
static inline char *weather_number(char *out, int number, int digits)
{
    char reversed[12];
    int length = 0;
    if (number < 0) {
        *out++ = '-';
        number = -number;
    }
    while (number > 0 || length < digits) {
        reversed[length++] = (char) ('0' + number % 10);
        number /= 10;
    }
    while (length > 0)
        *out++ = reversed[--length];
    return out;
}

/* Writes "ZIP TEMPERATURE HUMIDITY" and returns the length. The zip code has all its digits, because subscriptions
 * compare text from the left. */
static inline size_t weather_format(char out[UPDATE_SIZE], const struct update *update)
{
    char *end = weather_number(out, update->zip, 5);
    *end++ = ' ';
    end = weather_number(end, update->temperature, 1);
    *end++ = ' ';
    end = weather_number(end, update->humidity, 1);
    return (size_t) (end - out);
}

static inline void weather_count(struct tally *tally, int temperature)
{
    tally->updates++;
    tally->temperatures += temperature;
}

static inline void weather_report(const struct tally *tally, const char *verb)
{
    printf("zip %05d: %s %ld updates", tally->zip, verb, tally->updates);
    if (tally->updates > 0)
        printf(", average temperature %.2f F", (double) tally->temperatures / (double) tally->updates);
    printf("\n");
}

#endif
