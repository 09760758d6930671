// SPDX-License-Identifier: BSD-2-Clause
#include <spc/table.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <spc/field_print.h>

// Columns that text can hold; a static assert in each user's table test keeps kinds below it.
#define MAX_COLUMNS 32

struct spc_table {
    FILE *stream;
    const struct spc_record_kind *kind;
    struct spc_table_options options;
    const struct spc_field *columns[MAX_COLUMNS];
    size_t column_count;
    size_t widths[MAX_COLUMNS];
    struct spc_buf cells; // NUL-terminated texts, column_count of them a row
    struct spc_buf json;  // reused for each row
    size_t row_count;
};

// Columns on the screen: UTF-8 continuation bytes take none. Wide characters are not accounted for.
static size_t text_width(const char *text)
{
    size_t width = 0;
    for (; *text; text++)
        width += ((unsigned char)*text & 0xc0) != 0x80;
    return width;
}

static void add_cell(struct spc_table *table, size_t column, const char *text)
{
    size_t width = text_width(text);
    if (width > table->widths[column])
        table->widths[column] = width;
    spc_buf_add(&table->cells, text, strlen(text) + 1);
}

int spc_table_begin(FILE *stream, const struct spc_record_kind *kind,
                    const struct spc_table_options *options, struct spc_table **ret,
                    struct spc_err *err)
{
    struct spc_table *table = calloc(1, sizeof(*table));
    if (!table)
        return spc_err_set(err, -ENOMEM, "table of %ss", kind->name);
    table->stream = stream;
    table->kind = kind;
    table->options = *options;
    for (const struct spc_field *f = kind->fields; f->name; f++) {
        bool is_shown =
            !(f->flags & SPC_FIELD_JSON) && (options->is_wide || !(f->flags & SPC_FIELD_WIDE));
        if (is_shown && table->column_count < MAX_COLUMNS)
            table->columns[table->column_count++] = f;
    }
    if (!options->has_no_title && options->format == SPC_FORMAT_TEXT) {
        for (size_t i = 0; i < table->column_count; i++)
            add_cell(table, i, table->columns[i]->title);
        table->row_count++;
    }
    *ret = table;
    return 0;
}

static int row_json(struct spc_table *table, const void *record, struct spc_err *err)
{
    spc_buf_reset(&table->json);
    struct spc_json json = {.buf = &table->json};
    spc_record_json(table->kind, record, &json);
    spc_buf_putc(&table->json, '\n');
    int r = spc_buf_check(&table->json);
    if (r < 0)
        return spc_err_set(err, r, "formatting a %s", table->kind->name);
    if (fwrite(table->json.data, 1, table->json.len, table->stream) != table->json.len)
        return spc_err_set(err, -errno, "writing the output");
    return 0;
}

int spc_table_row(struct spc_table *table, const void *record, unsigned indent, struct spc_err *err)
{
    if (table->options.format == SPC_FORMAT_JSON)
        return row_json(table, record, err);

    for (size_t i = 0; i < table->column_count; i++) {
        spc_auto_buf struct spc_buf cell = {0};
        spc_buf_pad(&cell, ' ', i == 0 ? 2 * (size_t)indent : 0);
        spc_field_text(table->columns[i], record, &cell);
        add_cell(table, i, spc_buf_str(&cell));
    }
    table->row_count++;
    int r = spc_buf_check(&table->cells);
    return r < 0 ? spc_err_set(err, r, "formatting a %s", table->kind->name) : 0;
}

static const char *put_line(const struct spc_table *table, const char *cell, struct spc_buf *line)
{
    for (size_t i = 0; i < table->column_count; i++) {
        bool is_last = i + 1 == table->column_count;
        size_t pad = table->widths[i] - text_width(cell);
        bool is_right = table->columns[i]->flags & SPC_FIELD_RIGHT;
        if (is_right)
            spc_buf_pad(line, ' ', pad);
        spc_buf_puts(line, cell);
        if (!is_last)
            spc_buf_pad(line, ' ', (is_right ? 0 : pad) + 2);
        cell += strlen(cell) + 1;
    }
    return cell;
}

int spc_table_end(struct spc_table *table, struct spc_err *err)
{
    bool has_title = !table->options.has_no_title;
    const char *cell = table->cells.data;
    for (size_t row = 0; row < table->row_count && cell; row++) {
        spc_auto_buf struct spc_buf line = {0};
        bool is_bold = row == 0 && has_title && table->options.is_bold;
        spc_buf_puts(&line, is_bold ? "\033[1m" : "");
        cell = put_line(table, cell, &line);
        spc_buf_puts(&line, is_bold ? "\033[0m\n" : "\n");
        int r = spc_buf_check(&line);
        if (r < 0)
            return spc_err_set(err, r, "formatting a table of %ss", table->kind->name);
        if (fputs(line.data, table->stream) == EOF)
            return spc_err_set(err, -errno, "writing the output");
    }
    table->row_count = 0;
    spc_buf_reset(&table->cells);
    if (fflush(table->stream) != 0)
        return spc_err_set(err, -errno, "writing the output");
    return 0;
}

void spc_table_free(struct spc_table *table)
{
    spc_buf_free(&table->cells);
    spc_buf_free(&table->json);
    free(table);
}
