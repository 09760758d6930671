// strcpy(a, b)
void f(void)
{
    strcpy(a, b);
    snprintf(a, 3, "sprintf(%d)", 1);
    if (x)
        sprintf(a, b);
    vtable->system(x);
    spc_system(x);
    n = atoi (a);
    getpwnam("root");
    dlopen("libnss.so", 0);
strtok(a, b);
    strtok_r(a, b, c);
}
