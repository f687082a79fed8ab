// floor sends datagrams without a stream, in the trains and at the instants at which LILO sends
// channels: what no sender in one thread can do without.
//
//	floor SOCKETS BITS_PER_SECOND PACING_NS PORT
//
// Each socket sends to 127.0.0.1 from memory as large as a channel's ring, since memory that is sent
// again and again stays closer to the processor than a stream does. On SIGINT it prints how late the
// trains were, as JSON.
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum { DATAGRAM = 12 + 7 * 188, MOST = 48, PHASE = 1000000, UDP_SEGMENT_OPTION = 103 };

struct sender {
	int fd;
	char *memory;
	int64_t sent;
	float *late; // ms
	long trains, room;
};

static volatile sig_atomic_t ended;

static void end(int s) { ended = s; }

static void fail(const char *what) { perror(what); exit(1); }

static int64_t now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static void open_sender(struct sender *s, int port, int64_t datagrams)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int segment = DATAGRAM;
	s->fd = socket(AF_INET, SOCK_DGRAM, 0);
	if (s->fd < 0 || connect(s->fd, (void *)&to, sizeof to) < 0 || setsockopt(s->fd, IPPROTO_UDP, UDP_SEGMENT_OPTION, &segment, sizeof segment) < 0)
		fail("socket");
	s->memory = malloc(datagrams * DATAGRAM);
	memset(s->memory, 0xa5, datagrams * DATAGRAM);
}

// train sends the datagrams before number due.
static void train(struct sender *s, int64_t due, int64_t datagrams)
{
	while (s->sent < due) {
		int64_t from = s->sent % datagrams, n = due - s->sent;
		n = n < datagrams - from ? n : datagrams - from;
		n = n < MOST ? n : MOST;
		struct iovec part = {s->memory + from * DATAGRAM, n * DATAGRAM};
		struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
		if (sendmsg(s->fd, &message, MSG_DONTWAIT) < 0 && errno != EAGAIN)
			fail("sendmsg");
		s->sent += n;
	}
}

static void note(struct sender *s, int64_t late)
{
	if (s->trains == s->room) {
		s->room = s->room ? 2 * s->room : 1024;
		s->late = realloc(s->late, s->room * sizeof *s->late);
	}
	s->late[s->trains++] = late / 1e6f;
}

static int rising(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;
	return (x > y) - (x < y);
}

static void print(struct sender *all, int count)
{
	float *p999 = malloc(count * sizeof *p999);
	int64_t datagrams = 0;
	for (int i = 0; i < count; i++) {
		qsort(all[i].late, all[i].trains, sizeof *all[i].late, rising);
		p999[i] = all[i].trains ? all[i].late[all[i].trains * 999 / 1000] : 0;
		datagrams += all[i].sent;
	}
	qsort(p999, count, sizeof *p999, rising);
	printf("{\"Datagrams\":%lld,\"MedianLate999\":%f,\"Late999\":%f}\n", (long long)datagrams, p999[count / 2], p999[count - 1]);
}

int main(int argc, char **argv)
{
	if (argc != 5)
		return 2;
	int count = atoi(argv[1]), port = atoi(argv[4]);
	int64_t interval = INT64_C(7) * 188 * 8 * 1000000000 / atoll(argv[2]), pacing = atoll(argv[3]);
	int64_t datagrams = 300000000 / interval + 1;
	struct sender *all = calloc(count, sizeof *all);
	for (int i = 0; i < count; i++)
		open_sender(&all[i], port, datagrams);
	sigaction(SIGINT, &(struct sigaction){.sa_handler = end}, NULL);
	puts("playing");
	fflush(stdout);
	// Many send in groups, a millisecond apart, as LILO's channels do.
	int groups = count / 64 < pacing / PHASE ? count / 64 : pacing / PHASE;
	groups = groups > 1 ? groups : 1;
	int64_t start = now();
	for (int64_t k = 1; !ended; k++)
		for (int g = 0; g < groups && !ended; g++) {
			int64_t due = start + k * pacing + g * PHASE;
			struct timespec at = {due / 1000000000, due % 1000000000};
			while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL) == EINTR && !ended)
				;
			for (int i = (int64_t)count * g / groups; i < (int64_t)count * (g + 1) / groups; i++) {
				note(&all[i], now() - due);
				train(&all[i], (due - start) / interval, datagrams);
			}
		}
	print(all, count);
	return 0;
}
