# How our own code is compiled; not inherited by those who link the library.
add_library(provender_options INTERFACE)
target_compile_options(provender_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor
  -Wold-style-cast -Woverloaded-virtual -Wextra-semi -Wnull-dereference -Wformat=2
  -Werror=unused-result)
target_include_directories(provender_options INTERFACE
  ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/src)
