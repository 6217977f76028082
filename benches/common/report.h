/* A case's result: one line of JSON, numbers by name. */
#ifndef BENCH_REPORT_H
#define BENCH_REPORT_H

void report_begin(const char *name);
void report_text(const char *key, const char *value);
void report_number(const char *key, double value);
/* CPU seconds a million messages, context switches a message, and the peak memory of sides 0 and 1, for a case whose
 * sides noted their usage while `messages` went through. */
void report_usage(int sides, double messages);
void report_end(void);

#endif
