#include "cli/init/new_folder.h"
#include "cli/common/remove_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

static enum bw_err
fail(struct bw_error *e, const char *name, int sys)
{
	return bw_error_set(
	    e, BW_ERR_IO, sys, "init: %s: %s", name, strerror(sys));
}

enum bw_err
new_folder_begin(struct new_folder *f, const char *name, struct bw_error *e)
{
	uint64_t serial = 0;

	f->name = name;
	bw_buf_init(&f->draft, PATH_MAX);
	if (getrandom(&serial, sizeof(serial), 0) != sizeof(serial))
		return fail(e, name, errno);
	/* Beside its place, because a rename does not leave a file system. */
	bw_buf_printf(
	    &f->draft, "%s.new-%016llx", name, (unsigned long long)serial);
	bw_buf_putc(&f->draft, '\0');
	if (f->draft.err != BW_OK) {
		bw_buf_free(&f->draft);
		return fail(e, name, ENAMETOOLONG);
	}
	if (mkdir(f->draft.p, 0777) != 0) {
		enum bw_err err = fail(e, name, errno);

		bw_buf_free(&f->draft);
		return err;
	}
	return BW_OK;
}

static enum bw_err
write_file(int fd, const struct new_file *file, struct bw_error *e)
{
	struct bw_str s = file->text;

	while (s.n > 0) {
		ssize_t n = write(fd, s.p, s.n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return fail(e, file->name, n < 0 ? errno : EIO);
		s.p += n;
		s.n -= (size_t)n;
	}
	return fsync(fd) == 0 ? BW_OK : fail(e, file->name, errno);
}

enum bw_err
new_folder_add(
    struct new_folder *f, const struct new_file *file, struct bw_error *e)
{
	int folder = open(f->draft.p, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int fd = folder < 0
		     ? -1
		     : openat(folder, file->name,
			   O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, file->mode);
	enum bw_err err =
	    fd < 0 ? fail(e, file->name, errno) : write_file(fd, file, e);

	if (fd >= 0 && close(fd) != 0 && err == BW_OK)
		err = fail(e, file->name, errno);
	if (folder >= 0)
		(void)close(folder);
	return err;
}

enum bw_err
new_folder_end(struct new_folder *f, struct bw_error *e)
{
	if (rename(f->draft.p, f->name) == 0) {
		bw_buf_free(&f->draft);
		return BW_OK;
	}
	/* EBUSY: "." or "/" */
	if (errno == EEXIST || errno == ENOTEMPTY || errno == ENOTDIR ||
	    errno == EBUSY)
		return bw_error_set(e, BW_ERR_USAGE, errno,
		    "init: %s: exists; name a new folder, nothing was changed",
		    f->name);
	return fail(e, f->name, errno);
}

void
new_folder_free(struct new_folder *f)
{
	if (f->draft.p != NULL)
		remove_folder(f->draft.p);
	bw_buf_free(&f->draft);
}
