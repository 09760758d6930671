extern int counter, shared;
int counter;
int shared = 7;
static int allowed = 1;
static _Thread_local int per_thread = 2;
static const char *const names[] = {"a", "b"};
static const char *words[] = {"a", "b"};
const char *name_of(int i);
const char *name_of(int i)
{
    static int calls = 3;
    words[i] = names[i];
    return calls++ + allowed++ + per_thread++ ? words[calls & 1] : 0;
}
