# How our own code is compiled; not inherited by those who link the library.
add_library(provender_options INTERFACE)
target_compile_options(provender_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor
  -Wold-style-cast -Woverloaded-virtual -Wextra-semi -Wformat=2
  -Wno-missing-field-initializers  # what designated initialisers leave out has its default on purpose
  $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>  # g++ 12 sees it in its own std::string and std::optional
  $<$<AND:$<CXX_COMPILER_ID:GNU>,$<BOOL:${CMAKE_UNITY_BUILD}>>:-Wno-subobject-linkage>  # sees a source as a header
  -Werror=unused-result)
if(CMAKE_CXX_FLAGS MATCHES "undefined")  # the sanitizer; a relative path, that the compiler cache serves every clone
  file(RELATIVE_PATH ignored ${PROJECT_BINARY_DIR} ${PROJECT_SOURCE_DIR}/tools/ubsan.ignore)
  target_compile_options(provender_options INTERFACE -fsanitize-ignorelist=${ignored})
endif()
target_include_directories(provender_options INTERFACE
  ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/src)

# Only what makes a build of ours faster, and only where it is installed.
if(PROJECT_IS_TOP_LEVEL)
  find_program(PROVENDER_CCACHE ccache)
  if(PROVENDER_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${PROVENDER_CCACHE})
    set(CMAKE_C_COMPILER_LAUNCHER ${PROVENDER_CCACHE})
  endif()
endif()
if(PROVENDER_DEVELOPER_MODE)
  find_program(PROVENDER_MOLD mold)
  if(PROVENDER_MOLD)
    add_link_options(-fuse-ld=mold)
  endif()
endif()
