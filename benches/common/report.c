/* Writing the result line; see report.h. */
#include "report.h"

#include <math.h>
#include <stdio.h>

#include "sides.h"

void report_begin(const char *name)
{
    printf("{\"case\": \"%s\"", name);
}

void report_text(const char *key, const char *value)
{
    printf(", \"%s\": \"%s\"", key, value);
}

void report_number(const char *key, double value)
{
    if (isfinite(value))
        printf(", \"%s\": %.9g", key, value);
}

void report_usage(int sides, double messages)
{
    double cpu_s = 0;
    double switches = 0;
    for (int i = 0; i < sides; i++) {
        cpu_s += shared->side[i].usage.cpu_s;
        switches += shared->side[i].usage.switches;
    }
    report_number("messages", messages);
    report_number("cpu_s_per_million", cpu_s * 1e6 / messages);
    report_number("switches_per_message", switches / messages);
    report_number("peak_mb_0", shared->side[0].usage.peak_kb / 1024);
    if (shared->side[1].usage.peak_kb > 0) /* no process of its own, or not noted */
        report_number("peak_mb_1", shared->side[1].usage.peak_kb / 1024);
}

void report_end(void)
{
    printf("}\n");
}
