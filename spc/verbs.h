// SPDX-License-Identifier: BSD-2-Clause
// The verbs that live in this folder.
#pragma once

int doctor_main(int argc, char **argv);
int help_main(int argc, char **argv);
int ps_main(int argc, char **argv);
int run_main(int argc, char **argv);
