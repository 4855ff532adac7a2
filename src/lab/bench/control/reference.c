/*
 * What the sockets of a machine bear: answers Proxy Binding Updates over IPv6 and keeps no state.
 *
 *   reference echo ADDRESS              turns each update into an acknowledgement where it is
 *   reference signed ADDRESS SPI KEY    reads the options, verifies the authentication option of
 *                                       RFC 4285 §5.1 "MN-HA Mobility Message Authentication Option", and signs the answer
 *
 * Ends on SIGTERM, or after ten minutes, and prints {"messages":…,"microseconds":…} of processor time.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BATCH = 64, LONGEST = 2048, MOBILITY = 135, OPTIONS_AT = 12, LIMIT_S = 600, BUFFER = 8 << 20 };
enum { BINDING_UPDATE = 5, BINDING_ACKNOWLEDGEMENT = 6, PROXY = 0x20 };
enum { PAD_1 = 0, AUTHENTICATION = 9, HOME_NETWORK_PREFIX = 22, AUTHENTICATION_HEAD = 7, AUTHENTICATION_DATA = 12 };

struct sha1 {
  uint32_t h[5];
};

static volatile sig_atomic_t stopped;
static struct sha1 inner, outer;
static uint32_t spi;
static uint32_t prefixes;

static void stop(int number) {
  (void)number;
  stopped = 1;
}

static uint32_t rotate(uint32_t x, int n) { return x << n | x >> (32 - n); }

static void block(struct sha1 *s, const uint8_t *p) {
  uint32_t w[80], a = s->h[0], b = s->h[1], c = s->h[2], d = s->h[3], e = s->h[4];
  for (int i = 0; i < 16; i++) w[i] = (uint32_t)p[4 * i] << 24 | p[4 * i + 1] << 16 | p[4 * i + 2] << 8 | p[4 * i + 3];
  for (int i = 16; i < 80; i++) w[i] = rotate(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
  for (int i = 0; i < 80; i++) {
    uint32_t f, k;
    if (i < 20) f = (b & c) | (~b & d), k = 0x5a827999;
    else if (i < 40) f = b ^ c ^ d, k = 0x6ed9eba1;
    else if (i < 60) f = (b & c) | (b & d) | (c & d), k = 0x8f1bbcdc;
    else f = b ^ c ^ d, k = 0xca62c1d6;
    uint32_t t = rotate(a, 5) + f + e + k + w[i];
    e = d, d = c, c = rotate(b, 30), b = a, a = t;
  }
  s->h[0] += a, s->h[1] += b, s->h[2] += c, s->h[3] += d, s->h[4] += e;
}

/* Goes on after one block. */
static void finish(struct sha1 s, const uint8_t *p, size_t n, uint8_t out[20]) {
  uint8_t last[128] = {0};
  size_t left = n;
  for (; left >= 64; left -= 64, p += 64) block(&s, p);
  memcpy(last, p, left);
  last[left] = 0x80;
  size_t end = left < 56 ? 64 : 128;
  uint64_t bits = (n + 64) * 8;
  for (int i = 0; i < 8; i++) last[end - 1 - i] = bits >> (8 * i);
  for (size_t at = 0; at < end; at += 64) block(&s, last + at);
  for (int i = 0; i < 5; i++) {
    uint32_t word = htonl(s.h[i]);
    memcpy(out + 4 * i, &word, 4);
  }
}

static void prepare(const char *key) {
  static const struct sha1 start = {{0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0}};
  uint8_t pad[64] = {0};
  memcpy(pad, key, strnlen(key, sizeof pad));
  inner = outer = start;
  for (int i = 0; i < 64; i++) pad[i] ^= 0x36;
  block(&inner, pad);
  for (int i = 0; i < 64; i++) pad[i] ^= 0x36 ^ 0x5c;
  block(&outer, pad);
}

/* Mobility Data = care-of address | home address | MH Data, up to and with the SPI. */
static void authenticate(const uint8_t *message, size_t end, const struct in6_addr *care_of, uint8_t out[20]) {
  uint8_t data[32 + LONGEST] = {0}, digest[20];
  memcpy(data, care_of, 16);
  memcpy(data + 32, message, end);
  data[36] = data[37] = 0;
  finish(inner, data, 32 + end, digest);
  finish(outer, digest, sizeof digest, out);
}

/* Returns whether there is an answer, which then stands where the message was. */
static int answer(uint8_t *m, size_t length, const struct in6_addr *peer, int is_signed) {
  size_t end = (m[1] + 1) * 8, prefix = 0, data = 0;
  uint8_t code[20];
  if (length < OPTIONS_AT || end > length || m[2] != BINDING_UPDATE) return 0;
  for (size_t at = OPTIONS_AT; at < end; at += m[at] == PAD_1 ? 1 : 2 + m[at + 1]) {
    if (m[at] == PAD_1) continue;
    if (at + 2 > end || at + 2 + m[at + 1] > end) return 0;
    if (m[at] == HOME_NETWORK_PREFIX && m[at + 1] == 18) prefix = at;
    if (m[at] == AUTHENTICATION && m[at + 1] == 17) data = at + AUTHENTICATION_HEAD;
  }
  if (is_signed) {
    uint32_t index;
    if (data == 0) return 0;
    memcpy(&index, m + data - 4, 4);
    authenticate(m, data, peer, code);
    if (ntohl(index) != spi || memcmp(code, m + data, AUTHENTICATION_DATA) != 0) return 0;
  }
  uint8_t sequence[2] = {m[6], m[7]};
  m[2] = BINDING_ACKNOWLEDGEMENT;
  m[6] = 0;
  m[7] = PROXY;
  memcpy(m + 8, sequence, 2);
  if (prefix != 0 && m[prefix + 3] == 0) {
    uint32_t number = htonl(++prefixes);
    m[prefix + 3] = 64;
    memcpy(m + prefix + 4, "\x20\x01\x0d\xb8", 4);
    memcpy(m + prefix + 8, &number, 4);
  }
  if (is_signed) {
    authenticate(m, data, peer, code);
    memcpy(m + data, code, AUTHENTICATION_DATA);
  }
  return 1;
}

static int open_socket(const struct sockaddr_in6 *local) {
  int fd = socket(AF_INET6, SOCK_RAW, MOBILITY), size = BUFFER;
  if (fd < 0) return -1;
  setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
  return bind(fd, (const struct sockaddr *)local, sizeof *local) < 0 ? -1 : fd;
}

static long serve(int fd, int is_signed) {
  static uint8_t octets[BATCH][LONGEST];
  static struct sockaddr_in6 peers[BATCH];
  static struct iovec vectors[BATCH];
  static struct mmsghdr received[BATCH], answers[BATCH];
  long messages = 0;
  while (!stopped) {
    for (int i = 0; i < BATCH; i++) {
      vectors[i] = (struct iovec){octets[i], LONGEST};
      received[i].msg_hdr = (struct msghdr){.msg_name = &peers[i], .msg_namelen = sizeof peers[i], .msg_iov = &vectors[i], .msg_iovlen = 1};
    }
    int n = recvmmsg(fd, received, BATCH, MSG_WAITFORONE, NULL), m = 0;
    for (int i = 0; i < n; i++) {
      if (!answer(octets[i], received[i].msg_len, &peers[i].sin6_addr, is_signed)) continue;
      vectors[i].iov_len = received[i].msg_len;
      answers[m++] = received[i];
    }
    for (int sent = 0; sent < m;) {
      int k = sendmmsg(fd, answers + sent, m - sent, 0);
      if (k <= 0) break;
      sent += k;
    }
    messages += m;
  }
  return messages;
}

int main(int count, char **words) {
  int is_signed = count == 5 && strcmp(words[1], "signed") == 0;
  struct sockaddr_in6 local = {.sin6_family = AF_INET6};
  struct sigaction action = {.sa_handler = stop};
  struct rusage usage;
  if (!is_signed && !(count == 3 && strcmp(words[1], "echo") == 0)) return 2;
  if (inet_pton(AF_INET6, words[2], &local.sin6_addr) != 1) return 2;
  if (is_signed) {
    spi = strtoul(words[3], NULL, 16);
    prepare(words[4]);
  }
  sigaction(SIGTERM, &action, NULL);
  sigaction(SIGALRM, &action, NULL);
  alarm(LIMIT_S);
  int fd = open_socket(&local);
  if (fd < 0) {
    perror("reference");
    return 1;
  }
  puts("ready");
  fflush(stdout);
  long messages = serve(fd, is_signed);
  getrusage(RUSAGE_SELF, &usage);
  long microseconds = (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000L + usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
  printf("{\"messages\":%ld,\"microseconds\":%ld}\n", messages, microseconds);
  return 0;
}
