#pragma once

#include <functional>
#include <memory>

#include "provender/event_loop.hpp"

namespace boost::asio {
class io_context;  // NOLINT(readability-identifier-naming): Asio's name
}

/// What a Loop gives as an EventLoop, made of Asio's parts. Confined to the thread that runs `io`.
namespace provender::http {

std::unique_ptr<EventLoop::Watch> watch_file(boost::asio::io_context& io,
                                             int file,
                                             EventLoop::Watcher& watcher);

std::unique_ptr<EventLoop::Timer> make_timer(boost::asio::io_context& io,
                                             std::function<void()> on_time);

}  // namespace provender::http
