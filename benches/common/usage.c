/* Processor time, context switches and memory of the calling process; see usage.h. */
#include "usage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

static double seconds(struct timeval t)
{
    return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

struct usage usage_now(void)
{
    struct rusage r;
    getrusage(RUSAGE_SELF, &r);
    return (struct usage){
        .cpu_s = seconds(r.ru_utime) + seconds(r.ru_stime),
        .switches = (double)r.ru_nvcsw + (double)r.ru_nivcsw,
    };
}

double memory_kb(const char *name)
{
    FILE *file = fopen("/proc/self/status", "r");
    if (file == NULL)
        return 0;
    double value = 0;
    char line[256];
    size_t length = strlen(name);
    while (fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, name, length) == 0 && line[length] == ':')
            value = strtod(line + length + 1, NULL);
    }
    fclose(file);
    return value;
}
