// epoll, eventfd, timerfd and accept4 as Swift can call them.
#pragma once
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <sys/socket.h>

/// accept4 without _GNU_SOURCE in a public header.
int clinux_accept4(int listener, int flags);
