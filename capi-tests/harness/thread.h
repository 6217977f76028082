/* A call that blocks in a thread of its own, and how to know that it really does.
 *
 * Tests of what wakes a blocked call must not start before it blocks, and no time-out tells when that is; the
 * state of the thread as the system shows it does.
 */
#ifndef CAPI_TESTS_THREAD_H
#define CAPI_TESTS_THREAD_H

struct blocked; /* a thread inside the call */

/* Starts the call in a thread of its own and waits until that thread sleeps inside it. */
struct blocked *blocked_start (long long (*call) (void *), void *argument);

/* Waits until that thread sleeps inside the call again, after something that may have woken it. */
void blocked_await (struct blocked *blocked);

/* Sends the signal to that thread. */
void blocked_signal (struct blocked *blocked, int signal_number);

/* Whether the call is still under way. */
int blocked_still (struct blocked *blocked);

/* Waits until the call returns, as long as patience lasts; its errno is in errno afterwards. */
long long blocked_join (struct blocked *blocked);

/* A handler that does nothing, without SA_RESTART: the signal interrupts calls and does no more. */
void catch_signal (int signal_number);

#endif
