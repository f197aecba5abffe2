# Writes hl7/definitions.tsv as the C tables that hl7/names.c reads:
#   cmake -D TSV=hl7/definitions.tsv -D OUT=definitions.c -P hl7/definitions.cmake
# A row of the wrong form, or out of order, ends the build.
file(STRINGS ${TSV} lines REGEX "^[^#]" ENCODING UTF-8)

set(part_count 0)   # rows of PARTS so far: fields, then parts of types
set(field_rows "")
set(owner_first "") # "KIND:NAME" -> index of its first row
set(segments "")
set(types "")
set(segment_count 0)
set(type_count 0)
set(last "")

foreach(line IN LISTS lines)
  if(line MATCHES "^(segment|type)\t([A-Z][A-Z0-9]+)\t([0-9]+)\t([^\t\"\\]+)$")
    set(owner_${CMAKE_MATCH_1}_${CMAKE_MATCH_2} ${CMAKE_MATCH_3})
    set(title_${CMAKE_MATCH_1}_${CMAKE_MATCH_2} "${CMAKE_MATCH_4}")
    list(APPEND names_${CMAKE_MATCH_1} ${CMAKE_MATCH_2})
  elseif(line MATCHES "^field\t([A-Z][A-Z0-9]+)\t([0-9]+)\t([A-Z][A-Z0-9]*|[*])\t([-*])\t([^\t\"\\]+)$")
    set(owner segment_${CMAKE_MATCH_1})
    set(number ${CMAKE_MATCH_2})
    set(row "{ \"${CMAKE_MATCH_3}\", \"${CMAKE_MATCH_5}\", ")
    if(CMAKE_MATCH_4 STREQUAL "*")
      string(APPEND row "true },\n")
    else()
      string(APPEND row "false },\n")
    endif()
  elseif(line MATCHES "^part\t([A-Z][A-Z0-9]+)\t([0-9]+)\t([A-Z][A-Z0-9]*|[*])\t([^\t\"\\]+)$")
    set(owner type_${CMAKE_MATCH_1})
    set(number ${CMAKE_MATCH_2})
    set(row "{ \"${CMAKE_MATCH_3}\", \"${CMAKE_MATCH_4}\", false },\n")
  else()
    message(FATAL_ERROR "hl7/definitions.tsv: not a row: ${line}")
  endif()
  if(line MATCHES "^(field|part)")
    if(number EQUAL 1)
      set(first_${owner} ${part_count})
    elseif(NOT last STREQUAL owner)
      message(FATAL_ERROR "hl7/definitions.tsv: out of order: ${line}")
    endif()
    set(last ${owner})
    set(seen_${owner} ${number})
    math(EXPR part_count "${part_count} + 1")
    string(APPEND field_rows "    " "${row}")
  endif()
endforeach()

# The table of one kind, and a check of what its rows promise.
function(owners_write kind out)
  set(rows "")
  set(sorted ${names_${kind}})
  list(SORT sorted)
  if(NOT sorted STREQUAL names_${kind})
    message(FATAL_ERROR "hl7/definitions.tsv: names of kind ${kind} are not sorted")
  endif()
  foreach(name IN LISTS names_${kind})
    set(count ${owner_${kind}_${name}})
    set(first 0)
    if(count GREATER 0)
      set(first ${first_${kind}_${name}})
      if(NOT seen_${kind}_${name} EQUAL count)
        message(FATAL_ERROR "hl7/definitions.tsv: ${kind} ${name} has ${seen_${kind}_${name}} rows, not ${count}")
      endif()
    endif()
    string(APPEND rows "    { \"${name}\", ${count}, ${first}, \"${title_${kind}_${name}}\" },\n")
  endforeach()
  set(${out} "${rows}" PARENT_SCOPE)
endfunction()

owners_write(segment segment_rows)
owners_write(type type_rows)
list(LENGTH names_segment segment_count)
list(LENGTH names_type type_count)

file(WRITE ${OUT} "/* Made by hl7/definitions.cmake of hl7/definitions.tsv: change that. */
#include \"hl7/definitions.h\"

const struct hl7_part HL7_PARTS[] = {
${field_rows}};
const size_t HL7_PART_COUNT = ${part_count};

const struct hl7_owner HL7_SEGMENTS[] = {
${segment_rows}};
const size_t HL7_SEGMENT_COUNT = ${segment_count};

const struct hl7_owner HL7_TYPES[] = {
${type_rows}};
const size_t HL7_TYPE_COUNT = ${type_count};
")
