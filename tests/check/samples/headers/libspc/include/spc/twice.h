int spc_twice(void);
