# The package that others link: provender::provender, one shared library of all modules. Who links it needs none of the
# libraries that it is made with, and sees of it what is marked PROVENDER_EXPORT.
include(CMakePackageConfigHelpers)

add_library(provender SHARED)
add_library(provender::provender ALIAS provender)
foreach(module base model arrow definitions codec pit registry offline online materialize serving store)
  # All of a module's objects, not only those that another one refers to; the link brings its vendors' libraries.
  target_sources(provender PRIVATE $<TARGET_OBJECTS:provender_${module}>)
  target_link_libraries(provender PRIVATE provender_${module})
endforeach()
file(GLOB public_headers CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/include/provender/*.hpp)
target_sources(provender PUBLIC FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR}/include FILES ${public_headers})
target_compile_features(provender PUBLIC cxx_std_23)
set_target_properties(provender PROPERTIES
  LINKER_LANGUAGE CXX
  VERSION ${PROJECT_VERSION}
  SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})  # before 1.0 each minor version may break

set(package ${CMAKE_INSTALL_LIBDIR}/cmake/provender)
install(TARGETS provender EXPORT provenderTargets FILE_SET HEADERS)
install(EXPORT provenderTargets FILE provenderConfig.cmake NAMESPACE provender:: DESTINATION ${package})
write_basic_package_version_file(provenderConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/provenderConfigVersion.cmake DESTINATION ${package})
