# Installs a build tree, moves the installation, and uses it from there, as a program of somebody else would.
#
#   cmake -D TREE=build/release -P tests/install/run.cmake      works in the current folder
load_cache(${TREE} READ_WITH_PREFIX TREE_ CMAKE_CXX_COMPILER CMAKE_CXX_FLAGS)
set(work ${CMAKE_CURRENT_BINARY_DIR})
set(prefix ${work}/moved)

function(run)
  execute_process(COMMAND ${ARGN} OUTPUT_VARIABLE output ERROR_VARIABLE output RESULT_VARIABLE result)
  if(result)
    list(JOIN ARGN " " command)
    message(FATAL_ERROR "${command}\n${output}\nreturned ${result}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

file(REMOVE_RECURSE ${work}/installed ${prefix} ${work}/consumer ${work}/project ${work}/without)
run(${CMAKE_COMMAND} --install ${TREE} --prefix ${work}/installed)
file(RENAME ${work}/installed ${prefix})

run(${CMAKE_COMMAND} -G Ninja -S ${CMAKE_CURRENT_LIST_DIR}/consumer -B ${work}/consumer
    -D CMAKE_PREFIX_PATH=${prefix}
    -D CMAKE_CXX_COMPILER=${TREE_CMAKE_CXX_COMPILER} -D CMAKE_CXX_FLAGS=${TREE_CMAKE_CXX_FLAGS})
run(${CMAKE_COMMAND} --build ${work}/consumer)
run(${work}/consumer/consumer ${work}/project)

# Only our own names may be exported, and never those of the libraries inside (weak ones are the standard library's).
run(nm --dynamic --demangle --defined-only ${prefix}/lib/libprovender.so)
string(REGEX MATCHALL "[^\n]* [TDBR] [^\n]*" exported "${output}")
list(FILTER exported EXCLUDE REGEX " provender::| (vtable|typeinfo|typeinfo name) for provender::")
if(exported)
  message(FATAL_ERROR "libprovender.so exports names that are not provender's:\n${exported}")
endif()

# DuckDB is taken from beside the plug-in, wherever the installation was moved to; where it is missing, that is said.
set(duckdb ${prefix}/lib/provender/libduckdb.so)
file(RENAME ${duckdb} ${work}/libduckdb.so)
execute_process(COMMAND ${work}/consumer/consumer ${work}/without OUTPUT_VARIABLE output ERROR_VARIABLE output)
file(RENAME ${work}/libduckdb.so ${duckdb})
if(NOT output MATCHES "load DuckDB: .*libduckdb.so is not there: install Provender anew")
  message(FATAL_ERROR "without libduckdb.so beside the plug-in:\n${output}")
endif()
run(${prefix}/bin/provender version)
message(STATUS "installed, moved, found, built and run")
