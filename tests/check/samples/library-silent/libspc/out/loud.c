// printf() in a comment is fine, as is "stderr" in a string.
const char *word = "exit(1) stderr";
void loud(void)
{
    fprintf(stderr, "x");
    printf("x");
    exit(1);
    getenv("HOME");
    spc_buf_printf(out, "fine");
    _exit(127); // the child of a fork may
}
