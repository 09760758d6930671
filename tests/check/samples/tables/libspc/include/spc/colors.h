extern const struct color colors[_COLOR_MAX];
extern const struct color listed[];
extern const struct kind unlisted_kind;
