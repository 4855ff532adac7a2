/*
 * The ends of the traffic of the data plane's benchmark.
 *
 *   traffic NAMESPACE CPU flood INTERFACE FRAME MS        sends a frame, in hexadecimal, as often as it can
 *   traffic NAMESPACE CPU spread INTERFACE FRAME MS AT N  the same, adding a random number below N to the 32 bits at octet AT, those of an address
 *   traffic NAMESPACE CPU sink PORT                       takes datagrams to the port and forgets them
 *   traffic NAMESPACE CPU echo PORT                       sends them back
 *   traffic NAMESPACE CPU ping SOURCE HOST PORT COUNT     the middle time of so many to and fro
 *   traffic NAMESPACE CPU serve PORT                      sends TCP to whoever connects
 *   traffic NAMESPACE CPU drain SOURCE HOST PORT MS       receives it
 *
 * NAMESPACE is a file, CPU a number. flood and drain print {"count":…,"nanoseconds":…}: packets or octets, and their own processor time; ping prints
 * nanoseconds; the others print a line when they are ready, and run until the standard input ends, or for ten minutes.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <linux/if_packet.h>
#include <netdb.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BATCH = 64, LONGEST = 2048, LIMIT_S = 600, CHUNK = 1 << 18, WAIT_MS = 5000, PINGS_AT_FIRST = 20, PING_MS = 200, LOST_AT_MOST = 20 };

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static int check(int result, const char *what) {
  if (result < 0) fail(what);
  return result;
}

static int64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

/* Of this process: what is done of a packet inside the call that sends it is in it. */
static long long processorTime(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void enter(const char *namespace, int cpu) {
  int fd = check(open(namespace, O_RDONLY | O_CLOEXEC), namespace);
  check(setns(fd, CLONE_NEWNET), "setns");
  close(fd);
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  check(sched_setaffinity(0, sizeof set, &set), "sched_setaffinity");
}

static uint32_t word(const uint8_t *at) {
  return (uint32_t)at[0] << 24 | at[1] << 16 | at[2] << 8 | at[3];
}

/* Of a frame with an IPv4 header; IPv6 has none. */
static void sumHeader(uint8_t *frame) {
  if (frame[12] != 8) return;
  uint32_t sum = 0;
  frame[24] = frame[25] = 0;
  for (int i = 14; i < 34; i += 2) sum += frame[i] << 8 | frame[i + 1];
  sum = (sum >> 16) + (sum & 0xffff);
  sum = ~(sum + (sum >> 16));
  frame[24] = sum >> 8, frame[25] = sum;
}

/* Another address in each of the frames. */
static void spread(uint8_t frames[][LONGEST], int at, uint32_t base, uint32_t count) {
  static uint32_t random = 5213;
  for (int i = 0; i < BATCH; i++) {
    random ^= random << 13, random ^= random >> 17, random ^= random << 5;
    uint32_t address = base + random % count;
    for (int octet = 0; octet < 4; octet++) frames[i][at + octet] = address >> (24 - 8 * octet);
    sumHeader(frames[i]);
  }
}

static void flood(const char *interface, const char *hex, int milliseconds, int at, uint32_t count) {
  static uint8_t frames[BATCH][LONGEST];
  uint8_t *frame = frames[0];
  size_t length = strlen(hex) / 2;
  if (length > LONGEST) length = LONGEST;
  for (size_t i = 0; i < length; i++) sscanf(hex + 2 * i, "%2hhx", &frame[i]);
  for (int i = 1; i < BATCH; i++) memcpy(frames[i], frame, length);
  uint32_t base = word(frame + at);
  int fd = check(socket(AF_PACKET, SOCK_RAW, 0), "socket");
  int on = 1;
  check(setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof on), "PACKET_QDISC_BYPASS");
  struct sockaddr_ll to = {.sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex(interface)};
  check(bind(fd, (struct sockaddr *)&to, sizeof to), interface);
  struct iovec data[BATCH];
  struct mmsghdr batch[BATCH] = {0};
  for (int i = 0; i < BATCH; i++) {
    data[i] = (struct iovec){frames[i], length};
    batch[i].msg_hdr.msg_iov = &data[i], batch[i].msg_hdr.msg_iovlen = 1;
  }
  int64_t start = processorTime(), end = now() + milliseconds * 1000000LL, sent = 0;
  while (now() < end) {
    if (count > 0) spread(frames, at, base, count);
    int done = sendmmsg(fd, batch, BATCH, 0);
    if (done > 0) sent += done;
  }
  printf("{\"count\":%lld,\"nanoseconds\":%lld}\n", (long long)sent, (long long)(processorTime() - start));
}

static int bound(int type, const char *source, const char *port, struct addrinfo **to, const char *host) {
  struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = type, .ai_flags = AI_NUMERICHOST};
  if (getaddrinfo(host, port, &hints, to)) fail(host);
  struct addrinfo *from;
  if (getaddrinfo(source, NULL, &hints, &from)) fail(source);
  int fd = check(socket((*to)->ai_family, type, 0), "socket");
  check(bind(fd, from->ai_addr, from->ai_addrlen), source);
  freeaddrinfo(from);
  struct timeval wait = {.tv_sec = WAIT_MS / 1000};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait);
  check(connect(fd, (*to)->ai_addr, (*to)->ai_addrlen), host);
  return fd;
}

static int listening(int type, int port) {
  int fd = check(socket(AF_INET6, type, 0), "socket");
  struct sockaddr_in6 at = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
  check(bind(fd, (struct sockaddr *)&at, sizeof at), "bind");
  if (type == SOCK_STREAM) check(listen(fd, 16), "listen");
  printf("ready\n");
  fflush(stdout);
  return fd;
}

/* Whether there is something at fd, before the standard input ends. */
static int awaited(int fd) {
  struct pollfd set[2] = {{.fd = fd, .events = POLLIN}, {.fd = 0, .events = POLLIN}};
  return poll(set, 2, LIMIT_S * 1000) > 0 && !set[1].revents;
}

static void sink(int port) {
  int fd = listening(SOCK_DGRAM, port);
  /* It is never read: what comes is dropped when the buffer is full, which costs the least. */
  (void)fd;
  char octet;
  while (read(0, &octet, 1) > 0) continue;
}

/* From the address that each came to. */
static void echo(int port) {
  int fd = listening(SOCK_DGRAM, port), on = 1;
  check(setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof on), "IPV6_RECVPKTINFO");
  uint8_t datagram[LONGEST], control[CMSG_SPACE(sizeof(struct in6_pktinfo))];
  struct sockaddr_in6 from;
  while (awaited(fd)) {
    struct iovec data = {datagram, sizeof datagram};
    struct msghdr m = {&from, sizeof from, &data, 1, control, sizeof control, 0};
    ssize_t n = recvmsg(fd, &m, 0);
    if (n < 0) continue;
    data.iov_len = n;
    sendmsg(fd, &m, 0);
  }
}

static int byValue(const void *a, const void *b) {
  int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return x < y ? -1 : x > y;
}

static void ping(const char *source, const char *host, const char *port, int count) {
  struct addrinfo *to;
  int fd = bound(SOCK_DGRAM, source, port, &to, host);
  int64_t *times = calloc(count, sizeof *times);
  struct timeval wait = {.tv_usec = PING_MS * 1000};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
  int datagram = 0, lost = 0;
  /* The first ones may be lost where a neighbour is not known yet. */
  for (int i = -PINGS_AT_FIRST; i < count;) {
    int64_t start = now();
    int answer, sent = ++datagram;
    check(send(fd, &sent, sizeof sent, 0), "send");
    ssize_t n;
    while ((n = recv(fd, &answer, sizeof answer, 0)) > 0 && answer != sent) continue;
    if (n < 0 && ++lost > LOST_AT_MOST) fail(host);
    if (n > 0 && i++ >= 0) times[i - 1] = now() - start;
  }
  qsort(times, count, sizeof *times, byValue);
  printf("%lld\n", (long long)times[count / 2]);
}

/* One after the other. */
static void serve(int port) {
  signal(SIGPIPE, SIG_IGN);
  int fd = listening(SOCK_STREAM, port);
  static char chunk[CHUNK];
  while (awaited(fd)) {
    int connection = accept(fd, NULL, NULL);
    while (connection >= 0 && send(connection, chunk, sizeof chunk, 0) > 0) continue;
    close(connection);
  }
}

static void drain(const char *source, const char *host, const char *port, int milliseconds) {
  struct addrinfo *to;
  int64_t start = processorTime(), octets = 0;
  int fd = bound(SOCK_STREAM, source, port, &to, host);
  static char chunk[CHUNK];
  int64_t end = now() + milliseconds * 1000000LL;
  while (now() < end) octets += check(recv(fd, chunk, sizeof chunk, 0), host);
  printf("{\"count\":%lld,\"nanoseconds\":%lld}\n", (long long)octets, (long long)(processorTime() - start));
}

int main(int count, char **words) {
  if (count < 5) return 2;
  enter(words[1], atoi(words[2]));
  char *mode = words[3];
  if (!strcmp(mode, "flood") && count == 7) flood(words[4], words[5], atoi(words[6]), 0, 0);
  else if (!strcmp(mode, "spread") && count == 9) flood(words[4], words[5], atoi(words[6]), atoi(words[7]), strtoul(words[8], NULL, 10));
  else if (!strcmp(mode, "sink")) sink(atoi(words[4]));
  else if (!strcmp(mode, "echo")) echo(atoi(words[4]));
  else if (!strcmp(mode, "serve")) serve(atoi(words[4]));
  else if (!strcmp(mode, "ping") && count == 8) ping(words[4], words[5], words[6], atoi(words[7]));
  else if (!strcmp(mode, "drain") && count == 8) drain(words[4], words[5], words[6], atoi(words[7]));
  else return 2;
  return 0;
}
