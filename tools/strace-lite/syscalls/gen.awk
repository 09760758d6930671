# SPDX-License-Identifier: BSD-2-Clause
# syscalls/ARCH.tbl -> rows of `struct syscall`. A line of the table:
#   NUMBER NAME CLASS[,CLASS...]|- [KIND:NAME]... [@SPECIAL] [-> RETURN]
function fail(why) {
    printf "%s:%d: %s\n", FILENAME, FNR, why > "/dev/stderr"
    failed = 1
    exit 1
}
BEGIN { print "// Generated from the table of system calls; do not edit." }
/^[ \t]*(#|$)/ { next }
{
    if (NF < 3 || $1 !~ /^[0-9]+$/) fail("not NUMBER NAME CLASSES ...")
    if ($1 in seen) fail("number " $1 " is there twice")
    seen[$1] = 1
    classes = $3 == "-" ? "0" : "CLASS_" $3
    gsub(/,/, "|CLASS_", classes)
    args = ""; count = 0; ret = "number"; special = ""
    for (i = 4; i <= NF; i++) {
        if ($i == "->") { ret = $(++i); continue }
        if ($i ~ /^@/) { special = ", .special = special_" substr($i, 2); continue }
        if (split($i, part, ":") != 2) fail("'" $i "' is not KIND:NAME")
        args = args (count++ ? ", " : "") "{KIND_" part[1] ", \"" part[2] "\"}"
    }
    if (count > 6) fail("more than six arguments")
    printf "[%d] = {\"%s\", %s, %d, RETURN_%s, {%s}%s},\n", $1, $2, classes, count, ret, args, special
}
END { exit failed }
