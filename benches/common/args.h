/* A case's arguments: words of the form key=value. A key that no one asks for is an error, so that a misspelt one
 * does not quietly measure the default. */
#ifndef BENCH_ARGS_H
#define BENCH_ARGS_H

#include <stdbool.h>

void args_init(int argc, char **argv);
/* The value of `key`, or the default. Each key is to be asked for once, before args_done. */
long arg_int(const char *key, long otherwise);
double arg_real(const char *key, double otherwise);
const char *arg_text(const char *key, const char *otherwise);
/* Ends the program when an argument was given that nobody asked for. */
void args_done(void);
/* Is `text` the same as `word`? */
bool is(const char *text, const char *word);

#endif
