# One call per folder of src/: declares the module's objects, headers, tests and benchmarks.
#
#   provender_module(NAME online SOURCES a.cpp HEADERS a.hpp TESTS a_test.cpp BENCHES a_bench.cpp
#                    VENDOR PkgConfig::lmdb NEEDS base model codec)
#
# NEEDS are the modules whose objects a test of this one links. Which module may include which is not
# CMake's business: tools/check_layers.py says so, and the test "layers" runs it.
function(provender_module)
  cmake_parse_arguments(PARSE_ARGV 0 m "" "NAME" "SOURCES;HEADERS;TESTS;BENCHES;VENDOR;NEEDS")
  if(m_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "provender_module: unknown arguments ${m_UNPARSED_ARGUMENTS}")
  endif()

  add_library(provender_${m_NAME} STATIC ${m_SOURCES})
  target_sources(provender_${m_NAME} PUBLIC FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR}/src
                                         FILES ${m_HEADERS})
  list(TRANSFORM m_NEEDS PREPEND provender_ OUTPUT_VARIABLE needed)
  target_link_libraries(provender_${m_NAME} PUBLIC ${needed} PRIVATE provender_options fmt::fmt ${m_VENDOR})
  target_include_directories(provender_${m_NAME} PUBLIC ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/src)

  if(PROVENDER_DEVELOPER_MODE AND m_TESTS)
    add_executable(${m_NAME}_test ${m_TESTS})
    target_link_libraries(${m_NAME}_test PRIVATE provender_${m_NAME} provender_options fmt::fmt GTest::gmock_main)
    gtest_discover_tests(${m_NAME}_test PROPERTIES LABELS "unit;${m_NAME}" DISCOVERY_TIMEOUT 60)
  endif()
  if(PROVENDER_DEVELOPER_MODE AND m_BENCHES)
    add_executable(${m_NAME}_bench ${m_BENCHES})
    target_link_libraries(${m_NAME}_bench PRIVATE provender_${m_NAME} provender_options fmt::fmt benchmark::benchmark_main)
  endif()
endfunction()
