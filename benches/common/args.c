/* Arguments of the form key=value; see args.h. */
#include "args.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_ARGS = 32 };

static int count;
static char **words;
static bool used[MAX_ARGS];

void args_init(int argc, char **argv)
{
    count = argc - 1;
    words = argv + 1;
    if (count > MAX_ARGS) {
        fprintf(stderr, "at most %d arguments\n", MAX_ARGS);
        exit(2);
    }
}

const char *arg_text(const char *key, const char *otherwise)
{
    size_t length = strlen(key);
    for (int i = 0; i < count; i++) {
        if (strncmp(words[i], key, length) == 0 && words[i][length] == '=') {
            used[i] = true;
            return words[i] + length + 1;
        }
    }
    return otherwise;
}

double arg_real(const char *key, double otherwise)
{
    const char *text = arg_text(key, NULL);
    if (text == NULL)
        return otherwise;
    char *end;
    double value = strtod(text, &end);
    if (end == text || *end != '\0') {
        fprintf(stderr, "%s: not a number: %s\n", key, text);
        exit(2);
    }
    return value;
}

long arg_int(const char *key, long otherwise)
{
    return (long)arg_real(key, (double)otherwise);
}

void args_done(void)
{
    for (int i = 0; i < count; i++) {
        if (!used[i]) {
            fprintf(stderr, "unknown argument: %s\n", words[i]);
            exit(2);
        }
    }
}

bool is(const char *text, const char *word)
{
    return strcmp(text, word) == 0;
}
