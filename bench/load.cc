// A load generator: sends prepared requests over keep-alive connections as fast as they are
// answered, and prints what it saw as one line of JSON.
//
//   load HOST PORT CONNECTIONS SECONDS COUNT_MAX FILE [GROUP]
//
// FILE holds the requests, each as a length (4 bytes, little-endian) and the raw bytes of an
// HTTP/1.1 request. Connections take them in turn, from the start again at the end, until SECONDS
// have passed or COUNT_MAX (0: no bound) have been sent. One thread and epoll, so that on a small
// machine the server gets what is left; no latency is lost to a scheduler of its own.
//
// With GROUP, a connection takes that many requests at a time and sends one after the other was
// answered; COUNT_MAX counts groups, and only the last of each group is counted and timed (stage,
// then commit: how long did the commit take?). Errors are counted in all.
//
// How fast is a server at one thing? bench/suite asks; this only drives.
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace {

using Time = std::chrono::steady_clock::time_point;

[[noreturn]] void fail(const std::string& what) {
  std::fprintf(stderr, "load: %s: %s\n", what.c_str(), std::strerror(errno));
  std::exit(1);
}

std::vector<std::string> read_requests(const char* path) {
  std::ifstream file(path, std::ios::binary);
  const std::string all((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  std::vector<std::string> requests;
  for (std::size_t at = 0; at + 4 <= all.size();) {
    std::uint32_t size = 0;
    std::memcpy(&size, all.data() + at, sizeof size);
    requests.push_back(all.substr(at + 4, size));
    at += 4 + size;
  }
  return requests;
}

// Finds the end of responses in a stream of bytes, whatever their framing.
class ResponseReader {
 public:
  void expect(bool has_body) {
    head_.clear();
    is_in_head_ = true;
    is_done_ = false;
    has_body_ = has_body;
  }
  void feed(std::string_view bytes) {
    bytes_ += bytes.size();
    while (!bytes.empty() && !is_done_)
      bytes.remove_prefix(is_in_head_ ? head(bytes) : body(bytes));
  }
  bool is_done() const { return is_done_; }
  int status() const { return status_; }
  std::uint64_t bytes() const { return bytes_; }

 private:
  std::size_t head(std::string_view bytes) {
    const std::size_t before = head_.size();
    head_ += bytes;
    const std::size_t end = head_.find("\r\n\r\n");
    if (end == std::string::npos) return bytes.size();
    const std::size_t used = end + 4 - before;
    head_.resize(end + 2);
    begin_body();
    return used;
  }

  void begin_body() {
    status_ = std::atoi(head_.c_str() + std::strlen("HTTP/1.1 "));
    is_in_head_ = status_ == 100;  // an interim answer: the real one follows
    if (is_in_head_) return head_.clear();
    is_chunked_ = field("transfer-encoding:") == "chunked";
    tail_.clear();
    const std::string length = field("content-length:");
    left_ = length.empty() ? 0 : std::strtoull(length.c_str(), nullptr, 10);
    is_done_ = !has_body_ || status_ == 204 || status_ == 304 || (!is_chunked_ && left_ == 0);
  }

  std::string field(std::string_view name) const {
    std::string lower = head_;
    for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    const std::size_t at = lower.find("\r\n" + std::string(name));
    if (at == std::string::npos) return "";
    const std::size_t from = lower.find_first_not_of(' ', at + 2 + name.size());
    return lower.substr(from, lower.find("\r\n", from) - from);
  }

  std::size_t body(std::string_view bytes) {
    if (is_chunked_) {
      // The last chunk is what ends the body; payloads here do not contain it.
      tail_ += bytes;
      is_done_ = tail_.ends_with("0\r\n\r\n");
      if (tail_.size() > 16) tail_.erase(0, tail_.size() - 16);
      return bytes.size();
    }
    const std::uint64_t used = std::min<std::uint64_t>(left_, bytes.size());
    left_ -= used;
    is_done_ = left_ == 0;
    return used;
  }

  std::string head_, tail_;
  bool is_in_head_ = true, is_done_ = true, has_body_ = true, is_chunked_ = false;
  int status_ = 0;
  std::uint64_t left_ = 0, bytes_ = 0;
};

struct Connection {
  int socket = -1;
  const std::string* request = nullptr;
  std::uint64_t at = 0;    // of the next request
  std::uint64_t left = 0;  // of its group
  std::size_t sent = 0;
  Time began;
  ResponseReader reader;
};

class Load {
 public:
  Load(const char* host, int port, std::vector<std::string> requests, std::uint64_t group)
      : host_(host),
        port_(port),
        requests_(std::move(requests)),
        group_(group),
        epoll_(epoll_create1(0)) {}

  void run(int connections, double seconds, std::uint64_t count_max) {
    count_max_ = count_max;
    begin_ = std::chrono::steady_clock::now();
    end_ =
        begin_ + std::chrono::duration_cast<Time::duration>(std::chrono::duration<double>(seconds));
    for (int i = 0; i < connections; ++i) open();
    while (running_ > 0) step();
    finish_ = std::chrono::steady_clock::now();
  }

  void print() {
    std::sort(micros_.begin(), micros_.end());
    const double seconds = std::chrono::duration<double>(finish_ - begin_).count();
    std::printf(
        "{\"count\":%zu,\"errors\":%llu,\"status\":%d,\"seconds\":%.6f,\"p50\":%.1f,\"p99\":%.1f,"
        "\"bytes_in\":%llu,\"bytes_out\":%llu}\n",
        micros_.size(), static_cast<unsigned long long>(errors_), last_error_, seconds,
        percentile(0.50), percentile(0.99), static_cast<unsigned long long>(bytes_in_),
        static_cast<unsigned long long>(bytes_out_));
  }

 private:
  void open() {
    auto connection = std::make_unique<Connection>();
    connection->socket = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port_));
    inet_pton(AF_INET, host_, &address.sin_addr);
    const auto* generic = reinterpret_cast<const sockaddr*>(&address);
    if (connect(connection->socket, generic, sizeof address) != 0) fail("connect");
    const int on = 1;
    setsockopt(connection->socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    epoll_event event{};
    event.events = EPOLLIN | EPOLLOUT | EPOLLET;
    event.data.ptr = connection.get();
    epoll_ctl(epoll_, EPOLL_CTL_ADD, connection->socket, &event);
    ++running_;
    connections_.push_back(std::move(connection));
    next(*connections_.back());
  }

  void next(Connection& connection) {
    const Time now = std::chrono::steady_clock::now();
    if (connection.left == 0) {
      if (now >= end_ || (count_max_ != 0 && started_ >= count_max_)) {
        close(connection.socket);
        --running_;
        return;
      }
      connection.at = started_++ * group_;
      connection.left = group_;
    }
    connection.request = &requests_[connection.at++ % requests_.size()];
    --connection.left;
    connection.sent = 0;
    connection.began = now;
    connection.reader.expect(!connection.request->starts_with("HEAD "));
    send_more(connection);
  }

  void send_more(Connection& connection) {
    const std::string& request = *connection.request;
    while (connection.sent < request.size()) {
      const ssize_t sent = send(connection.socket, request.data() + connection.sent,
                                request.size() - connection.sent, MSG_DONTWAIT | MSG_NOSIGNAL);
      if (sent < 0 && errno == EAGAIN) return;
      if (sent < 0) fail("send");
      connection.sent += static_cast<std::size_t>(sent);
      bytes_out_ += static_cast<std::uint64_t>(sent);
    }
  }

  void receive_more(Connection& connection) {
    for (;;) {
      const ssize_t size = recv(connection.socket, buffer_.data(), buffer_.size(), MSG_DONTWAIT);
      if (size < 0 && errno == EAGAIN) return;
      if (size <= 0) fail("the server closed a connection");
      bytes_in_ += static_cast<std::uint64_t>(size);
      connection.reader.feed(std::string_view(buffer_.data(), static_cast<std::size_t>(size)));
      if (!connection.reader.is_done()) continue;
      finish(connection);
      return;
    }
  }

  void finish(Connection& connection) {
    const auto took = std::chrono::steady_clock::now() - connection.began;
    if (connection.left == 0)
      micros_.push_back(std::chrono::duration<double, std::micro>(took).count());
    if (connection.reader.status() >= 400 || connection.reader.status() == 0) {
      ++errors_;
      last_error_ = connection.reader.status();
    }
    next(connection);
  }

  void step() {
    epoll_event events[64];
    const int count = epoll_wait(epoll_, events, 64, 1000);
    if (count < 0 && errno != EINTR) fail("epoll_wait");
    for (int i = 0; i < count; ++i) {
      auto& connection = *static_cast<Connection*>(events[i].data.ptr);
      if ((events[i].events & EPOLLOUT) != 0) send_more(connection);
      if ((events[i].events & (EPOLLIN | EPOLLHUP)) != 0) receive_more(connection);
    }
  }

  double percentile(double share) const {
    if (micros_.empty()) return 0;
    return micros_[static_cast<std::size_t>(share * static_cast<double>(micros_.size() - 1))];
  }

  const char* host_;
  int port_;
  std::vector<std::string> requests_;
  std::uint64_t group_;
  int epoll_;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::vector<char> buffer_ = std::vector<char>(256U << 10U);
  int running_ = 0;
  std::uint64_t started_ = 0;  // groups
  std::uint64_t count_max_ = 0, errors_ = 0, bytes_in_ = 0, bytes_out_ = 0;
  int last_error_ = 0;
  Time begin_, end_, finish_;
  std::vector<double> micros_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 7 && argc != 8) {
    std::fputs("usage: load HOST PORT CONNECTIONS SECONDS COUNT_MAX FILE [GROUP]\n", stderr);
    return 2;
  }
  const std::uint64_t group = argc == 8 ? std::strtoull(argv[7], nullptr, 10) : 1;
  Load load(argv[1], std::atoi(argv[2]), read_requests(argv[6]), group);
  load.run(std::atoi(argv[3]), std::atof(argv[4]), std::strtoull(argv[5], nullptr, 10));
  load.print();
  return 0;
}
