/* For cppcheck alone, which reads no headers of libraries: jansson's loops (script/lint). */
#define json_array_foreach(array, index, value) for (index = 0; (value = json_array_get(array, index)); index++)
#define json_object_foreach(object, key, value) for (key = json_next(object, &value); key; key = json_next(object, &value))
