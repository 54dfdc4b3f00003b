#include <cstdio>

#include <provender/error.hpp>
#include <provender/result.hpp>

int main() {
  const provender::Error error(provender::ErrorCode::NotFound, "no such project");
  std::printf("%s\n", provender::Error(error).within("open").message().data());
  return error.code() == provender::ErrorCode::NotFound ? 0 : 1;
}
