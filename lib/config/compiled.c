/* The file of a compiled form: when it is trusted, and how it is written. */
#include "config/compiled.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "config/compiled_form.h"
#include "os/file.h"

/*
 * A file written twice within one tick of the clock may look unchanged, so
 * nothing is compiled until the files are older than that. FAT has the longest
 * tick.
 */
#define STABLE_SECONDS 2

/* Writing takes less; an older temporary file was abandoned. */
#define ABANDONED_SECONDS 60

static bool
put_name(struct bw_buf *b, const char *file, const char *end)
{
	bw_buf_init(b, BWI_COMPILED_MAX);
	bw_buf_puts(b, file);
	bw_buf_puts(b, end);
	bw_buf_putc(b, '\0');
	return b->err == BW_OK;
}

bool
bwi_compiled_load(const char *file, char **image, size_t *n)
{
	struct bw_buf name;
	struct stat st = {0}, named;
	bool mine = false;

	*image = NULL;
	if (put_name(&name, file, ".compiled") &&
	    bwi_file_load(name.p, BWI_COMPILED_MAX, image, n, &st, NULL) ==
		BW_OK)
		mine = st.st_uid == geteuid() && st.st_nlink == 1 &&
		       lstat(name.p, &named) == 0 && S_ISREG(named.st_mode) &&
		       (st.st_mode & (S_IRWXG | S_IRWXO)) == 0;
	bw_buf_free(&name);
	if (!mine) {
		bwi_free(*image);
		*image = NULL;
	}
	return mine;
}

static bool
is_stable(const struct bwi_loader *l)
{
	time_t now = time(NULL);

	for (const struct bwi_source *s = l->sources; s != NULL; s = s->next) {
		if (s->seen.st_ctim.tv_sec > now - STABLE_SECONDS)
			return false;
	}
	return true;
}

/* Only the process that creates the temporary file writes. */
static int
open_new(const char *name)
{
	int fd = open(
	    name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	struct stat st;

	if (fd < 0 && errno == EEXIST && lstat(name, &st) == 0 &&
	    st.st_mtim.tv_sec < time(NULL) - ABANDONED_SECONDS)
		(void)unlink(name);
	return fd;
}

void
bwi_compiled_save(
    const struct bwi_loader *l, const char *file, const struct bw_buf *image)
{
	struct bw_buf name, fresh;
	int fd = -1;
	bool good;

	good = put_name(&name, file, ".compiled");
	good = put_name(&fresh, file, ".compiled.new") && good;
	if (good && image->err == BW_OK && is_stable(l))
		fd = open_new(fresh.p);
	if (fd >= 0) {
		good = bwi_file_write(fd, (struct bw_str){image->p, image->n});
		/* close may report that the disk is full. */
		good = close(fd) == 0 && good;
		if (!good || rename(fresh.p, name.p) != 0)
			(void)unlink(fresh.p);
	}
	bw_buf_free(&name);
	bw_buf_free(&fresh);
}
