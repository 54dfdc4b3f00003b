# One call per folder of src/: declares the module's objects, headers, tests and benchmarks.
#
#   provender_module(NAME online SOURCES a.cpp HEADERS a.hpp TESTS a_test.cpp THREAD_TESTS a_race_test.cpp
#                    BENCHES a_bench.cpp VENDOR PkgConfig::lmdb NEEDS base model codec WHOLE)
#
# With WHOLE its TESTS are one test of ctest's: they are over sooner than a process starts, and leave nothing
# behind that another could find changed. For tests of killed processes, broken stores, threads or ports it is not.
#
# THREAD_TESTS are tests too; the thread sanitizer runs them as well, and only them.
# NEEDS are the modules whose objects a test of this one links. Which module may include which is not
# CMake's business: tools/check_layers.py says so, and the test "layers" runs it.
function(provender_module)
  cmake_parse_arguments(PARSE_ARGV 0 m "WHOLE" "NAME" "SOURCES;HEADERS;TESTS;THREAD_TESTS;BENCHES;VENDOR;NEEDS")
  if(m_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "provender_module: unknown arguments ${m_UNPARSED_ARGUMENTS}")
  endif()

  add_library(provender_${m_NAME} STATIC ${m_SOURCES})
  target_sources(provender_${m_NAME} PUBLIC FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR}/src
                                         FILES ${m_HEADERS})
  # That a header compiles alone is verified for the public ones; a module's are the first that their sources include.
  set_target_properties(provender_${m_NAME} PROPERTIES VERIFY_INTERFACE_HEADER_SETS OFF)
  list(TRANSFORM m_NEEDS PREPEND provender_ OUTPUT_VARIABLE needed)
  target_link_libraries(provender_${m_NAME} PUBLIC ${needed} PRIVATE provender_options fmt::fmt ${m_VENDOR})
  target_include_directories(provender_${m_NAME} PUBLIC ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/src)

  if(NOT PROVENDER_DEVELOPER_MODE)
    return()
  endif()
  if(m_TESTS)
    set(whole "")
    if(m_WHOLE)
      set(whole WHOLE)
    endif()
    provender_unit_tests(NAME ${m_NAME}_test SOURCES ${m_TESTS} LINK provender_${m_NAME} LABELS unit ${m_NAME} ${whole})
  endif()
  if(m_THREAD_TESTS)
    provender_unit_tests(NAME ${m_NAME}_thread_test SOURCES ${m_THREAD_TESTS}
                         LINK provender_${m_NAME} LABELS unit threads ${m_NAME})
  endif()
  if(m_BENCHES)
    add_executable(${m_NAME}_bench ${m_BENCHES})
    target_link_libraries(${m_NAME}_bench
      PRIVATE provender_${m_NAME} provender_options fmt::fmt benchmark::benchmark_main)
  endif()
endfunction()
