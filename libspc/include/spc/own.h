// SPDX-License-Identifier: BSD-2-Clause
// Ownership made visible: a cleanup attribute on each owning local, an explicit TAKE on each
// escape. A function can then be judged leak-free without reading its callees.
#pragma once

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define SPC_CLEANUP(func) __attribute__((cleanup(func)))

// Define `func_p`, for use with SPC_CLEANUP, from a destructor that takes the pointer itself.
#define SPC_DEFINE_CLEANUP(type, func)                                                             \
    static inline void func##_p(type *p)                                                           \
    {                                                                                              \
        if (*p)                                                                                    \
            func(*p);                                                                              \
    }

// The sentinel for "no descriptor": distinct from -1 so that it survives being used as an errno.
#define SPC_NOFD (-EBADF)

static inline void spc_close(int fd)
{
    if (fd >= 0) {
        int saved = errno;
        close(fd);
        errno = saved;
    }
}

static inline void spc_close_p(int *fd)
{
    spc_close(*fd);
}

static inline void spc_free_p(void *p)
{
    free(*(void **)p);
}

SPC_DEFINE_CLEANUP(FILE *, fclose)
SPC_DEFINE_CLEANUP(DIR *, closedir)

#define spc_auto_close SPC_CLEANUP(spc_close_p)
#define spc_auto_free  SPC_CLEANUP(spc_free_p)
#define spc_auto_file  SPC_CLEANUP(fclose_p)
#define spc_auto_dir   SPC_CLEANUP(closedir_p)

#define SPC_TAKE_FD(fd)                                                                            \
    ({                                                                                             \
        int spc_taken_ = (fd);                                                                     \
        (fd) = SPC_NOFD;                                                                           \
        spc_taken_;                                                                                \
    })

#define SPC_TAKE_PTR(ptr)                                                                          \
    ({                                                                                             \
        __typeof__(ptr) spc_taken_ = (ptr);                                                        \
        (ptr) = NULL;                                                                              \
        spc_taken_;                                                                                \
    })

#define SPC_ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
