// SPDX-License-Identifier: BSD-2-Clause
// The commands of systrace; each is a main() of its own.
#pragma once

int systrace_live_main(int argc, char **argv);
int systrace_record_main(int argc, char **argv);
int systrace_report_main(int argc, char **argv);
int systrace_show_main(int argc, char **argv);
int systrace_diff_main(int argc, char **argv);
int systrace_hist_main(int argc, char **argv);
int systrace_export_main(int argc, char **argv);
