// The yardstick: raw epoll and http_parser in C, one thread, answering every GET with the same 103 bytes of JSON
// that the Swift peer sends. It checks nothing beyond what http_parser does and times nothing out.
//   cc -O2 peer.c -lhttp_parser -o http-peer-c && ./http-peer-c PORT
#define _GNU_SOURCE
#include <errno.h>
#include <http_parser.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static const char json[] =
    "{\"id\":\"quo_0123456789abcdef\",\"price\":{\"amount\":2499,\"currency\":\"USD\"},"
    "\"expires_at\":\"2026-01-01T00:00Z\"}";

struct connection {
    int fd;
    http_parser parser;
    size_t used;
    int queued;
    char output[65536];
};

static char date[64];
static time_t date_second;
static struct connection *dirty[4096];
static int dirty_count;

static int on_message_complete(http_parser *parser) {
    struct connection *c = parser->data;
    if (sizeof c->output - c->used < 512) return 0;
    c->used += (size_t)snprintf(c->output + c->used, sizeof c->output - c->used,
                                "HTTP/1.1 200 OK\r\nDate: %s\r\nContent-Type: application/json\r\n"
                                "Content-Length: %zu\r\n\r\n%s",
                                date, sizeof json - 1, json);
    if (!c->queued) {
        c->queued = 1;
        dirty[dirty_count++] = c;
    }
    return 0;
}

static void drop(struct connection *c) {
    close(c->fd);
    c->fd = -1;
    if (!c->queued) free(c);
}

int main(int argc, char **argv) {
    signal(SIGPIPE, SIG_IGN);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), one = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    setsockopt(listener, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argc > 1 ? argv[1] : "0")),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 1024)) return perror("listen"), 1;
    int epoll = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL}, events[256];
    epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
    http_parser_settings settings;
    http_parser_settings_init(&settings);
    settings.on_message_complete = on_message_complete;
    static char input[65536];
    puts("listening");
    fflush(stdout);
    for (;;) {
        int count = epoll_wait(epoll, events, 256, -1);
        time_t now = time(NULL);
        if (now != date_second) {
            struct tm tm;
            strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&now, &tm));
            date_second = now;
        }
        for (int i = 0; i < count; i++) {
            struct connection *c = events[i].data.ptr;
            if (!c) {
                int fd;
                while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
                    c = calloc(1, sizeof *c);
                    c->fd = fd;
                    http_parser_init(&c->parser, HTTP_REQUEST);
                    c->parser.data = c;
                    event.events = EPOLLIN | EPOLLRDHUP | EPOLLET;
                    event.data.ptr = c;
                    epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
                }
                continue;
            }
            ssize_t n = read(c->fd, input, sizeof input);
            if (n <= 0) {
                if (n == 0 || errno != EAGAIN) drop(c);
            } else if (http_parser_execute(&c->parser, &settings, input, (size_t)n) != (size_t)n) {
                drop(c);
            }
        }
        for (int i = 0; i < dirty_count; i++) {
            struct connection *c = dirty[i];
            c->queued = 0;
            if (c->fd < 0) {
                free(c);
                continue;
            }
            if (send(c->fd, c->output, c->used, MSG_NOSIGNAL) < 0 && errno != EAGAIN) drop(c);
            else c->used = 0;
        }
        dirty_count = 0;
    }
}
