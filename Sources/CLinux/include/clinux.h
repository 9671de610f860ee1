// epoll, eventfd, timerfd and accept4 as Swift can call them.
#pragma once
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <sys/socket.h>

/// accept4 without _GNU_SOURCE in a public header. `address` may be null; else `length` says its room and
/// comes back as what was written.
int clinux_accept4(int listener, struct sockaddr *address, socklen_t *length, int flags);

/// send and recv that are no places at which a thread may be cancelled: glibc's say so before and after each call, with
/// atomic operations, and threads are not cancelled here.
ssize_t clinux_send(int descriptor, const void *bytes, size_t count, int flags);
ssize_t clinux_receive(int descriptor, void *bytes, size_t count);

/// Names the calling thread for ps and debuggers; the kernel keeps 15 characters.
void clinux_name_this_thread(const char *name);
