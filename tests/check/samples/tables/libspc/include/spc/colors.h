extern const struct color colors[_COLOR_MAX];
extern const struct color listed[];
extern const struct spc_record_kind unlisted_kind;
extern const struct other_ops no_table;
