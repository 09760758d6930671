const struct color colors[] = {
    [RED] = {"red"},
    [GREEN] = {"green"},
};
static_assert(SPC_ARRAY_SIZE(colors) == _COLOR_MAX, "");
static const char *const forgotten[] = {
    [RED] = "r",
};
static const char *const vacuous[_COLOR_MAX] = {[RED] = "r"};
static_assert(SPC_ARRAY_SIZE(vacuous) == _COLOR_MAX, "");
static const int plain[] = {1, 2};
