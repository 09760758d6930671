# SPDX-License-Identifier: BSD-2-Clause
# flags/*.in -> C. A file is one family of constants:
#   #include <HEADER>       where they are defined
#   bits UNKNOWN | enum UNKNOWN     what stands in a comment beside a value without a name; - for none
#   NAME [VALUE]            one constant a line; VALUE where old headers may lack it
#   NAME =VALUE             VALUE whatever the headers say (glibc has O_LARGEFILE as 0 on 64 bits)
# -v part=declare makes the extern declarations, -v part=define the tables.
function fail(why) {
    printf "%s:%d: %s\n", FILENAME, FNR, why > "/dev/stderr"
    exit 1
}
function finish() {
    if (set == "") return
    if (part == "define") {
        printf "    {0, NULL},\n};\n"
        printf "const struct flag_set flags_%s = {\"%s\", %s, %s, items_%s};\n", set, set,
               unknown, kind == "bits" ? "true" : "false", set
    } else {
        printf "extern const struct flag_set flags_%s;\n", set
    }
    all = all "    &flags_" set ",\n"
}
BEGIN { print "// Generated from flags/*.in; do not edit." }
FNR == 1 {
    finish()
    set = FILENAME; sub(/.*\//, "", set); sub(/\.in$/, "", set)
    kind = ""
}
/^#include/ { if (part == "define") print; next }
/^[ \t]*(#|$)/ { next }
$1 == "bits" || $1 == "enum" {
    kind = $1; unknown = $2 == "-" ? "NULL" : "\"" $2 "\""
    if (part == "define") printf "static const struct flag items_%s[] = {\n", set
    next
}
kind == "" { fail("constants before 'bits' or 'enum'") }
part == "define" {
    if (NF == 2 && $2 ~ /^=/)
        printf "    {%s, \"%s\"},\n", substr($2, 2), $1
    else if (NF == 2)
        printf "#ifdef %s\n    {(uint64_t)%s, \"%s\"},\n#else\n    {%s, \"%s\"},\n#endif\n", $1, $1, $1, $2, $1
    else
        printf "    {(uint64_t)%s, \"%s\"},\n", $1, $1
}
END {
    finish()
    if (part == "define") printf "const struct flag_set *const strace_flag_sets[] = {\n%s    NULL,\n};\n", all
}
