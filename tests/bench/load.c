/* tests/bench/load.c - a closed-loop MLLP sender: every message its own, every acknowledgement checked.
 *
 * Each connection keeps `depth` messages unanswered and sends the next one when one is answered. A message
 * has its own MSH-10, patient and values, so that nothing is a duplicate; the acknowledgement must be AA or
 * CA and name it. Most are laboratory results that no rule wants (ORU^R01, six segments, 0.6 KB;
 * --results N: N of them in one message); with --alarms P, P of
 * a hundred are alarms (ORU^R40), each second one the end of the one before, so that alerts open and close.
 * One line of JSON on stdout; CPU time is that of all threads of --pids while measuring. Exit 1: something
 * was lost. */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MOST_DEPTH = 256, MOST_PIDS = 32, MESSAGE_ROOM = 4096, ANSWER_ROOM = 1 << 18, EVENTS = 256 };

struct waiting {
    uint64_t number;
    int64_t sent_us;
};

struct link { /* one connection */
    int fd;
    uint32_t first, waiting, alarms;
    struct waiting ring[MOST_DEPTH];
    size_t out_len, out_done, in_len;
    bool watching_out;
    uint64_t open_alarm; /* the alarm whose end is still to be sent, or 0 */
    char *out, *in;
};

static struct {
    const char *host;
    uint16_t port;
    uint32_t connections, depth, alarms, results;
    double seconds, warm;
    uint64_t count;
    int pids[MOST_PIDS];
    int pid_count;
} o = { .host = "127.0.0.1", .connections = 1, .depth = 1, .results = 2, .seconds = 3, .warm = 1 };

static char run[9]; /* tells the messages of one run from those of another */
static uint64_t sent, answered, bad, lost;
static int epoll;
static uint32_t *latencies; /* microseconds, while measuring */
static size_t latency_count, latency_room;
static bool measuring;

static int64_t now_us(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

_Noreturn static void fail(const char *what)
{
    fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
    exit(2);
}

static void *must(void *memory)
{
    if (memory == NULL)
        fail("memory");
    return memory;
}

/* --- messages --------------------------------------------------------------------------------------------
 */

static const char *const units[] = { "5W", "ICU", "ED", "PACU", "MED", "PEDS" };

static size_t write_result(char *at, uint64_t n)
{
    static const char *const tests[] = {
        "2951-2^Sodium^LN|140|mmol/L|135-145",      "2075-0^Chloride^LN|102|mmol/L|98-107",
        "2028-9^Carbon dioxide^LN|24|mmol/L|22-29", "3094-0^Urea nitrogen^LN|14|mg/dL|7-20",
        "2160-0^Creatinine^LN|0.9|mg/dL|0.6-1.2",   "17861-6^Calcium^LN|9.4|mg/dL|8.6-10.3",
        "2345-7^Glucose^LN|98|mg/dL|70-110"
    };
    int len =
        snprintf(at, MESSAGE_ROOM,
                 "\vMSH|^~\\&|LAB|GH|NIGHTBELL|GH|20261122060000+0000||ORU^R01^ORU_R01|B%s-%llu|P|2.5.1\r"
                 "PID|1||B%07llu^^^GH^MR||Bench^Patient%llu||19600101|U\r"
                 "PV1|1|I|%s^5%02u^%02u\r"
                 "OBR|1|B%s-%llu||24323-8^Comprehensive metabolic panel^LN|||20261122055500+0000\r"
                 "OBX|1|NM|2823-3^Potassium^LN||4.%u|mmol/L|3.5-5.1|N|||F|||20261122055500+0000\r",
                 run, (unsigned long long)n, (unsigned long long)(n % 9999991), (unsigned long long)(n % 977),
                 units[n % 6], (unsigned)(n % 12 + 1), (unsigned)(n % 12 + 1), run, (unsigned long long)n,
                 (unsigned)(n % 10));
    for (size_t i = 0; i + 1 < o.results; i++) {
        const char *bar = strchr(tests[i], '|');
        len += snprintf(at + len, MESSAGE_ROOM - (size_t)len,
                        "OBX|%zu|NM|%.*s||%s|N|||F|||20261122055500+0000\r", i + 2, (int)(bar - tests[i]),
                        tests[i], bar + 1);
    }
    return (size_t)len;
}

static size_t write_alarm(char *at, uint64_t n, uint64_t alarm, bool end)
{
    const char *phase = end ? "end" : "start", *state = end ? "inactive" : "active";
    unsigned long long id = alarm;
    unsigned bed = (unsigned)(alarm % 12 + 1);
    int len = snprintf(
        at, MESSAGE_ROOM,
        "\vMSH|^~\\&|MONITOR|GH|NIGHTBELL|GH|20261122060000+0000||ORU^R40^ORU_R40|B%s-%llu|P|2.6|||AL|NE\r"
        "PID|1||B%07llu^^^GH^MR||Bench^Patient%llu||19600101\r"
        "PV1|1|I|%s^5%02u^%02u\r"
        "OBR|1||A%s-%llu-%s^MONITOR^GH^ISO|196616^MDC_EVT_ALARM^MDC|||20261122060000+0000"
        "||||||||||||||||||||||A%s-%llu-start&MONITOR&GH&ISO\r"
        "OBX|1|ST|199728^MDC_EVT_ECG_TACHY^MDC|1.3.1.147842.1|Tachycardia|||H~PM~SP|||F|||20261122060000+"
        "0000\r"
        "OBX|2|NM|147842^MDC_ECG_CARD_BEAT_RATE^MDC|1.3.1.147842.2|14%u|264864^MDC_DIM_BEAT_PER_MIN^MDC"
        "|||||F|||20261122060000+0000\r"
        "OBX|3|ST|68481^MDC_ATTR_EVENT_PHASE^MDC|1.3.1.147842.3|%s||||||F\r"
        "OBX|4|ST|68482^MDC_ATTR_ALARM_STATE^MDC|1.3.1.147842.4|%s||||||F\r",
        run, (unsigned long long)n, id % 9999991, id % 977, units[id % 6], bed, bed, run, id, phase, run, id,
        (unsigned)(id % 10), phase, state);
    return (size_t)len;
}

static void write_message(struct link *l)
{
    uint64_t n = ++sent;
    char *at = l->out + l->out_len;
    size_t len;

    if (n % 100 < o.alarms) {
        bool end = l->open_alarm != 0;
        len = write_alarm(at, n, end ? l->open_alarm : n, end);
        l->open_alarm = end ? 0 : n;
    } else {
        len = write_result(at, n);
    }
    at[len++] = 0x1c;
    at[len++] = '\r';
    l->out_len += len;
    l->ring[(l->first + l->waiting++) % MOST_DEPTH] = (struct waiting){ n, now_us() };
}

/* --- connections ------------------------------------------------------------------------------------------
 */

static void drop(struct link *l)
{
    lost += l->waiting;
    close(l->fd);
    l->fd = -1;
}

static void flush(struct link *l)
{
    while (l->out_done < l->out_len) {
        ssize_t n = send(l->fd, l->out + l->out_done, l->out_len - l->out_done, MSG_NOSIGNAL);
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
            break;
        if (n < 0) {
            drop(l);
            return;
        }
        l->out_done += (size_t)n;
    }
    if (l->out_done == l->out_len)
        l->out_done = l->out_len = 0;
    bool want = l->out_len > 0;
    if (want != l->watching_out) {
        struct epoll_event e = { .events = EPOLLIN | (want ? EPOLLOUT : 0U), .data.ptr = l };
        epoll_ctl(epoll, EPOLL_CTL_MOD, l->fd, &e);
        l->watching_out = want;
    }
}

static void fill(struct link *l)
{
    if (l->out_done > 0) {
        memmove(l->out, l->out + l->out_done, l->out_len - l->out_done);
        l->out_len -= l->out_done;
        l->out_done = 0;
    }
    while (l->waiting < o.depth && (o.count == 0 || sent < o.count))
        write_message(l);
    flush(l);
}

static void note_latency(int64_t us)
{
    if (latency_count == latency_room) {
        latency_room = latency_room > 0 ? latency_room * 2 : 1 << 18;
        latencies = must(realloc(latencies, latency_room * sizeof *latencies));
    }
    latencies[latency_count++] = (uint32_t)us;
}

static void take_answer(struct link *l, const char *text, size_t len)
{
    char want[64];

    if (l->waiting == 0) {
        bad++;
        return;
    }
    struct waiting w = l->ring[l->first % MOST_DEPTH];
    l->first++;
    l->waiting--;
    int n = snprintf(want, sizeof want, "|B%s-%llu", run, (unsigned long long)w.number);
    const char *msa = memmem(text, len, "\rMSA|", 5);
    bool fine = msa != NULL && (size_t)(msa - text) + 7 + (size_t)n <= len &&
                (msa[5] == 'A' || msa[5] == 'C') && msa[6] == 'A' && memcmp(msa + 7, want, (size_t)n) == 0;
    if (!fine && bad++ == 0)
        fprintf(stderr, "load: the first bad answer, to %s: %.*s\n", want + 1, (int)(len < 300 ? len : 300),
                text);
    answered += fine;
    if (measuring)
        note_latency(now_us() - w.sent_us);
}

static void take_input(struct link *l)
{
    ssize_t n = recv(l->fd, l->in + l->in_len, ANSWER_ROOM - l->in_len, 0);
    char *at = l->in, *end;

    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0) {
        drop(l);
        return;
    }
    l->in_len += (size_t)n;
    while ((end = memchr(at, 0x1c, l->in_len - (size_t)(at - l->in))) != NULL) {
        take_answer(l, at, (size_t)(end - at));
        at = end + 1;
    }
    l->in_len -= (size_t)(at - l->in);
    memmove(l->in, at, l->in_len);
    fill(l);
}

static void dial(struct link *l)
{
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(o.port) };
    int one = 1;

    inet_pton(AF_INET, o.host, &a.sin_addr);
    *l = (struct link){ .fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0),
                        .out = must(malloc((size_t)MESSAGE_ROOM * (o.depth + 1))),
                        .in = must(malloc(ANSWER_ROOM)) };
    if (l->fd < 0 || connect(l->fd, (struct sockaddr *)&a, sizeof a) != 0)
        fail("connect");
    setsockopt(l->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    fcntl(l->fd, F_SETFL, O_NONBLOCK);
    struct epoll_event e = { .events = EPOLLIN, .data.ptr = l };
    epoll_ctl(epoll, EPOLL_CTL_ADD, l->fd, &e);
}

/* --- measuring --------------------------------------------------------------------------------------------
 */

static int64_t first_number(const char *path)
{
    FILE *f = fopen(path, "re");
    long long n = 0;

    if (f == NULL)
        return 0;
    if (fscanf(f, "%lld", &n) != 1)
        n = 0;
    fclose(f);
    return n;
}

/* Nanoseconds on a CPU, of every thread of every process named: /proc/PID/task/TID/schedstat. */
static int64_t cpu_ns(void)
{
    char path[300];
    int64_t sum = 0;

    for (int i = 0; i < o.pid_count; i++) {
        snprintf(path, sizeof path, "/proc/%d/task", o.pids[i]);
        DIR *dir = opendir(path);
        struct dirent *entry;
        while (dir != NULL && (entry = readdir(dir)) != NULL) {
            if (entry->d_name[0] == '.')
                continue;
            snprintf(path, sizeof path, "/proc/%d/task/%.16s/schedstat", o.pids[i], entry->d_name);
            sum += first_number(path);
        }
        if (dir != NULL)
            closedir(dir);
    }
    return sum;
}

static int by_size(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return x < y ? -1 : x > y;
}

static uint32_t percentile(double p)
{
    return latency_count > 0 ? latencies[(size_t)(p * (double)(latency_count - 1))] : 0;
}

static bool turn(void)
{
    struct epoll_event events[EVENTS];
    int n = epoll_wait(epoll, events, EVENTS, 20);

    for (int i = 0; i < n; i++) {
        struct link *l = events[i].data.ptr;
        if (l->fd >= 0 && (events[i].events & EPOLLOUT) != 0)
            flush(l);
        if (l->fd >= 0 && (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0)
            take_input(l);
    }
    return lost == 0;
}

static void report(double seconds, uint64_t acked, int64_t cpu)
{
    qsort(latencies, latency_count, sizeof *latencies, by_size);
    printf("{\"connections\":%u,\"depth\":%u,\"alarms\":%u,\"seconds\":%.3f,\"acked\":%llu,\"rate\":%.0f,"
           "\"p50_us\":%u,"
           "\"p99_us\":%u,\"max_us\":%u,\"cpu_us\":%.2f,\"bad\":%llu,\"lost\":%llu,\"total\":%llu}\n",
           o.connections, o.depth, o.alarms, seconds, (unsigned long long)acked, (double)acked / seconds,
           percentile(.5), percentile(.99), percentile(1), acked > 0 ? (double)cpu / 1000 / (double)acked : 0,
           (unsigned long long)bad, (unsigned long long)lost, (unsigned long long)answered);
}

static void measure(struct link *links)
{
    int64_t began = now_us(), since = began, cpu = 0;
    uint64_t before = 0;

    for (uint32_t i = 0; i < o.connections; i++)
        fill(&links[i]);
    for (;;) {
        int64_t now = now_us();
        if (!measuring && now - began >= (int64_t)(o.warm * 1e6)) {
            measuring = true;
            since = now;
            before = answered;
            cpu = cpu_ns();
        }
        bool over =
            o.count > 0 ? answered + bad >= o.count : measuring && now - since >= (int64_t)(o.seconds * 1e6);
        if (over || !turn())
            break;
    }
    report((double)(now_us() - since) / 1e6, answered - before, cpu_ns() - cpu);
}

/* --- command line -----------------------------------------------------------------------------------------
 */

static void take_pids(char *text)
{
    for (char *word = strtok(text, ","); word != NULL && o.pid_count < MOST_PIDS; word = strtok(NULL, ","))
        o.pids[o.pid_count++] = atoi(word);
}

static bool take_options(int argc, char **argv)
{
    static const struct option words[] = { { "port", 1, 0, 'p' },  { "connections", 1, 0, 'c' },
                                           { "depth", 1, 0, 'd' }, { "seconds", 1, 0, 't' },
                                           { "warm", 1, 0, 'w' },  { "alarms", 1, 0, 'a' },
                                           { "count", 1, 0, 'n' }, { "results", 1, 0, 'r' },
                                           { "pids", 1, 0, 'P' },  { 0 } };
    int word;

    while ((word = getopt_long(argc, argv, "", words, NULL)) != -1)
        switch (word) {
        case 'p':
            o.port = (uint16_t)atoi(optarg);
            break;
        case 'c':
            o.connections = (uint32_t)atoi(optarg);
            break;
        case 'd':
            o.depth = (uint32_t)atoi(optarg);
            break;
        case 't':
            o.seconds = atof(optarg);
            break;
        case 'w':
            o.warm = atof(optarg);
            break;
        case 'a':
            o.alarms = (uint32_t)atoi(optarg);
            break;
        case 'r':
            o.results = (uint32_t)atoi(optarg);
            break;
        case 'n':
            o.count = strtoull(optarg, NULL, 10);
            break;
        case 'P':
            take_pids(optarg);
            break;
        default:
            return false;
        }
    return o.port != 0 && o.connections > 0 && o.depth > 0 && o.depth <= MOST_DEPTH && o.results >= 1 &&
           o.results <= 8;
}

int main(int argc, char **argv)
{
    uint32_t word;

    if (!take_options(argc, argv)) {
        fputs(
            "usage: load --port N [--connections N] [--depth N] [--seconds S] [--warm S] [--alarms PERCENT]\n"
            "            [--count MESSAGES] [--results 1..8] [--pids A,B,...]\n",
            stderr);
        return 2;
    }
    if (getrandom(&word, sizeof word, 0) != sizeof word)
        fail("random");
    snprintf(run, sizeof run, "%08x", word);
    epoll = epoll_create1(EPOLL_CLOEXEC);
    struct link *links = must(calloc(o.connections, sizeof *links));
    for (uint32_t i = 0; i < o.connections; i++)
        dial(&links[i]);
    measure(links);
    return bad > 0 || lost > 0;
}
