# shellcheck shell=sh
# In a guest with nothing but busybox: does the static executable run at all, and do its verbs?
# shellcheck source=../guest-tap.sh
. ./guest-tap.sh

like "$(spc --version 2>&1)" '^spc [0-9]' 'spc --version'
cmd_ok 'spc help' spc help
cmd_ok 'spc doctor' spc doctor

done_testing
