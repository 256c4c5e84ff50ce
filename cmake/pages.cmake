# The console's pages, built by Node from web/ and put into the binary: sets HOSPES_PAGES to the sources that hold them.
# Node and its packages are pinned and fetched by tools/setup.sh; HOSPES_WEB=OFF builds a server without pages.

option(HOSPES_WEB "Build the console's pages (needs Node) and put them into the binary" ON)
set(HOSPES_NODE ${CMAKE_SOURCE_DIR}/third_party/node/bin/node CACHE FILEPATH "The Node that builds the pages")

if(NOT HOSPES_WEB)
  set(HOSPES_PAGES ${CMAKE_SOURCE_DIR}/src/pages/no_assets.cc)
  return()
endif()

if(NOT EXISTS ${HOSPES_NODE} OR NOT EXISTS ${CMAKE_SOURCE_DIR}/web/node_modules/vite
   OR NOT EXISTS ${CMAKE_SOURCE_DIR}/web/node_modules/@segment/analytics-next)
  message(FATAL_ERROR
    "The console's pages are built with Node, and it is not all here.\n"
    "  looked for  ${HOSPES_NODE}\n"
    "         and  ${CMAKE_SOURCE_DIR}/web/node_modules\n"
    "Run  tools/setup.sh build  (it fetches the pinned Node and the packages of web/), then configure again;\n"
    "or configure with  -DHOSPES_WEB=OFF  for a server without pages.")
endif()

enable_language(ASM)
file(GLOB_RECURSE HOSPES_WEB_SOURCES CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/web/src/*)
set(pages ${CMAKE_BINARY_DIR}/web)
add_custom_command(
  OUTPUT ${pages}/embed/assets.S ${pages}/embed/assets.cc
  COMMAND ${HOSPES_NODE} ${CMAKE_SOURCE_DIR}/web/tools/build.mjs --out ${pages}/dist --embed ${pages}/embed
  DEPENDS ${HOSPES_WEB_SOURCES} ${CMAKE_SOURCE_DIR}/web/index.html ${CMAKE_SOURCE_DIR}/web/vite.config.ts
          ${CMAKE_SOURCE_DIR}/web/svelte.config.js ${CMAKE_SOURCE_DIR}/web/tsconfig.json
          ${CMAKE_SOURCE_DIR}/docs/openapi.json ${CMAKE_SOURCE_DIR}/web/tools/build.mjs ${CMAKE_SOURCE_DIR}/web/tools/reference.mjs ${CMAKE_SOURCE_DIR}/web/package-lock.json
  COMMENT "Building the console's pages"
  VERBATIM)
# The assembler reads the compressed files themselves, which no dependency scan sees: they change with assets.S.
set_source_files_properties(${pages}/embed/assets.S PROPERTIES OBJECT_DEPENDS ${pages}/embed/assets.cc)
set(HOSPES_PAGES ${pages}/embed/assets.S ${pages}/embed/assets.cc)
