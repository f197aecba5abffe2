/* nightbell/log_sink.h - log lines go to stderr, whole, whichever process or thread writes them. */
#ifndef NIGHTBELL_NIGHTBELL_LOG_SINK_H
#define NIGHTBELL_NIGHTBELL_LOG_SINK_H

void log_sink_open(void);

#endif
