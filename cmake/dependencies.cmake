# Every outside library, in one place; each has one folder of src/ that includes it (tools/check_layers.py).
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(simdjson REQUIRED)
find_package(CLI11 REQUIRED)
find_package(Boost 1.81 REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
pkg_check_modules(lmdb REQUIRED IMPORTED_TARGET lmdb)
pkg_check_modules(hiredis REQUIRED IMPORTED_TARGET hiredis)
pkg_check_modules(zstd REQUIRED IMPORTED_TARGET libzstd)

# DuckDB's header is for who loads the library when it is needed; programs of the developers link it.
add_library(provender_duckdb_c INTERFACE)
target_include_directories(provender_duckdb_c SYSTEM INTERFACE ${PROVENDER_DEPS_DIR}/duckdb/include)
add_library(provender_duckdb_library INTERFACE)
target_link_libraries(provender_duckdb_library INTERFACE provender_duckdb_c ${PROVENDER_DEPS_DIR}/duckdb/lib/libduckdb.so)

# Snappy as DuckDB has it: Debian's, made by g++, takes a third longer to unpack numbers. Its names are our own.
set(snappy ${PROVENDER_DEPS_DIR}/duckdb/snappy)
if(NOT EXISTS ${snappy})
  message(FATAL_ERROR "${snappy} is not there: run tools/bootstrap build")
endif()
add_library(provender_snappy STATIC ${snappy}/snappy.cc ${snappy}/snappy-sinksource.cc ${snappy}/snappy-stubs-internal.cc)
target_include_directories(provender_snappy SYSTEM PUBLIC ${snappy})
target_compile_definitions(provender_snappy PUBLIC duckdb_snappy=snappy)
target_compile_options(provender_snappy PRIVATE -w $<$<CONFIG:Release>:-O2>)
set_target_properties(provender_snappy PROPERTIES COMPILE_WARNING_AS_ERROR OFF UNITY_BUILD OFF)

# Arrow's C data interface and IPC format. Its names are our own, and hidden: the process may hold another copy.
set(nanoarrow ${PROVENDER_DEPS_DIR}/nanoarrow)
if(NOT EXISTS ${nanoarrow})
  message(FATAL_ERROR "${nanoarrow} is not there: run tools/bootstrap build")
endif()
set(NANOARROW_VERSION 0.9.0)
set(NANOARROW_VERSION_MAJOR 0)
set(NANOARROW_VERSION_MINOR 9)
set(NANOARROW_VERSION_PATCH 0)
set(NANOARROW_NAMESPACE_DEFINE "#define NANOARROW_NAMESPACE ProvenderPrivate")
configure_file(${nanoarrow}/nanoarrow/nanoarrow_config.h.in nanoarrow/nanoarrow/nanoarrow_config.h)
add_library(provender_nanoarrow STATIC
  ${nanoarrow}/nanoarrow/common/array.c ${nanoarrow}/nanoarrow/common/array_stream.c
  ${nanoarrow}/nanoarrow/common/schema.c ${nanoarrow}/nanoarrow/common/utils.c
  ${nanoarrow}/nanoarrow/ipc/codecs.c ${nanoarrow}/nanoarrow/ipc/decoder.c ${nanoarrow}/nanoarrow/ipc/encoder.c
  ${nanoarrow}/nanoarrow/ipc/reader.c ${nanoarrow}/nanoarrow/ipc/writer.c
  ${nanoarrow}/flatcc/src/runtime/builder.c ${nanoarrow}/flatcc/src/runtime/emitter.c
  ${nanoarrow}/flatcc/src/runtime/refmap.c ${nanoarrow}/flatcc/src/runtime/verifier.c)
target_include_directories(provender_nanoarrow SYSTEM PUBLIC
  ${nanoarrow} ${PROJECT_BINARY_DIR}/nanoarrow ${nanoarrow}/flatcc/include)
# Its sums of what a file says are checked by src/arrow, and must not be undefined before that.
target_compile_options(provender_nanoarrow PRIVATE -w -fwrapv)
target_compile_definitions(provender_nanoarrow PUBLIC NANOARROW_DLL=)  # nobody gets it from our library
set_target_properties(provender_nanoarrow PROPERTIES COMPILE_WARNING_AS_ERROR OFF)

if(PROVENDER_DEVELOPER_MODE)
  find_package(GTest REQUIRED)
  find_package(benchmark REQUIRED)
  find_package(Python3 REQUIRED COMPONENTS Interpreter)
endif()
