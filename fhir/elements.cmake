# Writes fhir/elements.tsv as the C table that fhir/elements.c reads:
#   cmake -D TSV=fhir/elements.tsv -D OUT=elements.c -P elements.cmake
# A row of the wrong form ends the build.
cmake_minimum_required(VERSION 3.25)
file(STRINGS ${TSV} lines REGEX "^[^#]" ENCODING UTF-8)
set(rows "")
foreach(line IN LISTS lines)
  if(NOT line MATCHES "^([A-Za-z]+|[*])\t([A-Za-z0-9:.* ]+)$")
    message(FATAL_ERROR "fhir/elements.tsv: ${line}")
  endif()
  string(APPEND rows "    { \"${CMAKE_MATCH_1}\", \"${CMAKE_MATCH_2}\" },\n")
endforeach()
set(text "/* Written by fhir/elements.cmake from fhir/elements.tsv; do not edit. */\n#include \"fhir/elements.h\"\n\n")
string(APPEND text "const struct fhir_type fhir_types[] = {\n${rows}    { NULL, NULL },\n};\n")
file(WRITE ${OUT} "${text}")
