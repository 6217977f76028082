/*
 * zmq_utils.h - a header of 2.x. What it had, zmq_stopwatch_start() and its kin, is in zmq.h today.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */

#ifndef __ZMQ_UTILS_H_INCLUDED__
#define __ZMQ_UTILS_H_INCLUDED__

#include "zmq.h"

#endif
