# How tests are registered; `make test` runs the asan and the tsan tree's tests as one suite. COST lets the long ones
# begin first, also on a machine that has not run them before.
enable_testing()
include(GoogleTest)

set(PROVENDER_BIN ${PROJECT_BINARY_DIR}/bin/provender CACHE FILEPATH "The CLI that end-to-end tests run")
set(PROVENDER_PACKAGE_TREE ${PROJECT_BINARY_DIR} CACHE PATH "The build tree that the package tests install")
option(PROVENDER_ONLY_THREAD_TESTS "Register only the tests with the label threads, as tsan/NAME" OFF)

add_custom_target(thread_tests)

# Registers all tests of PROGRAM as one test of ctest's, or as SHARDS of them. googletest names each as it
# begins, so the output of one that crashes or never ends tells which it was.
function(provender_whole_program name)
  cmake_parse_arguments(PARSE_ARGV 1 w "" "PROGRAM;SHARDS;COST" "LABELS;ENVIRONMENT")
  if(NOT w_SHARDS)
    set(w_SHARDS 1)
  endif()
  if(NOT w_COST)
    set(w_COST 5)
  endif()
  foreach(shard RANGE 1 ${w_SHARDS})
    set(test ${name})
    if(w_SHARDS GREATER 1)
      set(test ${name}/${shard})
    endif()
    math(EXPR index "${shard} - 1")
    add_test(NAME ${test} COMMAND ${w_PROGRAM})
    set_tests_properties(${test} PROPERTIES LABELS "${w_LABELS}" TIMEOUT 300 COST ${w_COST}
      ENVIRONMENT "${w_ENVIRONMENT};GTEST_TOTAL_SHARDS=${w_SHARDS};GTEST_SHARD_INDEX=${index}")
  endforeach()
endfunction()

# provender_unit_tests(NAME x_test SOURCES a_test.cpp LINK provender_x LABELS x [WHOLE] [SHARDS 4] [COST 100]): one program
# of googletests. Each test is a test of ctest's, in a process of its own. With WHOLE the program is one, because its tests
# share servers that take long to start, or are over sooner than a process starts; with SHARDS it is that many.
function(provender_unit_tests)
  cmake_parse_arguments(PARSE_ARGV 0 t "WHOLE" "NAME;SHARDS;COST" "SOURCES;LINK;LABELS")
  add_executable(${t_NAME} ${t_SOURCES})
  target_link_libraries(${t_NAME} PRIVATE ${t_LINK} provender_options fmt::fmt GTest::gmock_main)
  # A test's own code is slow to optimise, and what it tests is what takes its time.
  target_compile_options(${t_NAME} PRIVATE $<$<CONFIG:RelWithDebInfo>:-O0>)
  if("threads" IN_LIST t_LABELS)
    add_dependencies(thread_tests ${t_NAME})
  elseif(PROVENDER_ONLY_THREAD_TESTS)
    return()
  endif()
  set(prefix "")
  if(PROVENDER_ONLY_THREAD_TESTS)
    set(prefix "tsan/")
  endif()
  # DuckDB allocates all the time: to note where from takes a quarter of its tests. To see it, run one with another size.
  set(environment "ASAN_OPTIONS=malloc_context_size=1"
                  "UBSAN_OPTIONS=print_stacktrace=1"
                  "TSAN_OPTIONS=halt_on_error=1 die_after_fork=0 suppressions=${PROJECT_SOURCE_DIR}/tools/tsan.supp")
  if(t_WHOLE OR t_SHARDS)
    provender_whole_program(${prefix}${t_NAME} PROGRAM ${t_NAME} SHARDS ${t_SHARDS} COST ${t_COST} LABELS ${t_LABELS}
                            ENVIRONMENT ${environment})
    return()
  endif()
  if(NOT t_COST)
    set(t_COST 0)
  endif()
  gtest_discover_tests(${t_NAME} TEST_PREFIX "${prefix}" TEST_LIST ${t_NAME}_names DISCOVERY_TIMEOUT 60)
  # Set when the tests are known, because gtest_discover_tests cuts a property's value at its first semicolon.
  set(properties ${CMAKE_CURRENT_BINARY_DIR}/${t_NAME}_properties.cmake)
  file(CONFIGURE OUTPUT ${properties} @ONLY CONTENT [[
if(@t_NAME@_names)
  set_tests_properties(${@t_NAME@_names} PROPERTIES LABELS "@t_LABELS@" TIMEOUT 120 COST @t_COST@
    ENVIRONMENT "@environment@")
endif()
]])
  set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES ${properties})
endfunction()

# provender_test(NAME serve_drains COMMAND Python3::Interpreter x.py [LABELS e2e] [TIMEOUT 120]): one program, passed
# when it returns 0. It finds the CLI in the environment variable PROVENDER_BIN, and works in a folder of its own.
function(provender_test)
  cmake_parse_arguments(PARSE_ARGV 0 t "" "NAME;TIMEOUT" "COMMAND;LABELS")
  if(PROVENDER_ONLY_THREAD_TESTS)
    return()
  endif()
  if(NOT t_TIMEOUT)
    set(t_TIMEOUT 120)
  endif()
  set(folder ${CMAKE_CURRENT_BINARY_DIR}/${t_NAME}.work)
  file(MAKE_DIRECTORY ${folder})
  add_test(NAME ${t_NAME} COMMAND ${t_COMMAND} WORKING_DIRECTORY ${folder})
  set_tests_properties(${t_NAME} PROPERTIES
    LABELS "${t_LABELS}"
    TIMEOUT ${t_TIMEOUT}
    COST 10
    ENVIRONMENT "PROVENDER_BIN=${PROVENDER_BIN}")
endfunction()

# provender_fuzz(NAME key_codec SOURCES key_codec.cpp NEEDS codec): a libFuzzer program with the fuzz preset; with
# any other, a test that replays corpus/NAME.
add_custom_target(fuzzers)
function(provender_fuzz)
  cmake_parse_arguments(PARSE_ARGV 0 f "" "NAME" "SOURCES;NEEDS")
  set(program ${f_NAME}_fuzz)
  list(TRANSFORM f_NEEDS PREPEND provender_)
  add_executable(${program} ${f_SOURCES})
  target_link_libraries(${program} PRIVATE ${f_NEEDS} provender_options fmt::fmt)
  add_dependencies(fuzzers ${program})
  if(CMAKE_CXX_FLAGS MATCHES "fuzzer-no-link")
    target_link_options(${program} PRIVATE -fsanitize=fuzzer)
  else()
    target_sources(${program} PRIVATE ${PROJECT_SOURCE_DIR}/fuzz/replay_main.cpp)
    provender_test(NAME fuzz_${f_NAME} LABELS fuzz
      COMMAND ${program} ${CMAKE_CURRENT_SOURCE_DIR}/corpus/${f_NAME})
  endif()
endfunction()
