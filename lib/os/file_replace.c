#include <config.h>

#include "os/file_replace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "os/file.h"
#include "os/file_lock.h"

/* Longest wait for another process's edit, in milliseconds. */
#define LOCK_MAX_WAIT_MS 5000

static enum bw_err
no_memory(const char *file, struct bw_error *e)
{
	return bw_error_set(e, BW_ERR_NOMEM, 0, "%s: out of memory", file);
}

/* Resolve links: replacing the link itself would leave the target as it was. */
static enum bw_err
resolve(struct bwi_file_replace *edit, const char *file, struct bw_error *e)
{
	char *real = realpath(file, NULL);
	int why = errno;
	struct stat st;

	if (real != NULL) {
		edit->path = bwi_strndup(real, strlen(real));
		edit->exists = true;
		free(real);
	} else if (why != ENOENT || lstat(file, &st) == 0) {
		return bw_error_set(
		    e, BW_ERR_NOFILE, why, "%s: %s", file, strerror(why));
	} else {
		edit->path = bwi_strndup(file, strlen(file));
	}
	return edit->path != NULL ? BW_OK : no_memory(file, e);
}

/* The file's name without its folder. */
static const char *
base_name(const struct bwi_file_replace *edit)
{
	const char *slash = strrchr(edit->path, '/');

	return slash != NULL ? slash + 1 : edit->path;
}

static enum bw_err
open_folder(struct bwi_file_replace *edit, struct bw_error *e)
{
	size_t n = (size_t)(base_name(edit) - edit->path);
	char *folder =
	    n != 0 ? bwi_strndup(edit->path, n) : bwi_strndup(".", 1);

	if (folder == NULL)
		return no_memory(edit->path, e);
	edit->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bwi_free(folder);
	if (edit->folder < 0)
		return bw_error_set(e, BW_ERR_NOFILE, errno,
		    "%s: its folder: %s", edit->path, strerror(errno));
	return BW_OK;
}

/* Locks the folder, because the edit replaces the file and its lock. */
static enum bw_err
lock_folder(struct bwi_file_replace *edit, struct bw_error *e)
{
	/*
	 * Some network file systems cannot lock a folder: edit without a lock.
	 */
	if (bwi_file_lock(edit->folder, LOCK_MAX_WAIT_MS) ||
	    errno != EWOULDBLOCK)
		return BW_OK;
	return bw_error_set(e, BW_ERR_BUSY, 0,
	    "%s: another process is changing it: try again", edit->path);
}

enum bw_err
bwi_file_replace_begin(struct bwi_file_replace *edit, const char *file,
    size_t max, struct bw_error *e)
{
	enum bw_err err;

	*edit = (struct bwi_file_replace){.folder = -1};
	err = resolve(edit, file, e);
	if (err == BW_OK)
		err = open_folder(edit, e);
	if (err == BW_OK)
		err = lock_folder(edit, e);
	if (err != BW_OK)
		return err;
	if (edit->exists)
		return bwi_file_load(
		    edit->path, max, &edit->text, &edit->n, &edit->was, e);
	edit->text = bwi_strndup("", 0);
	return edit->text != NULL ? BW_OK : no_memory(file, e);
}

void
bwi_file_replace_end(struct bwi_file_replace *edit)
{
	if (edit->folder >= 0)
		(void)close(edit->folder);
	bwi_free(edit->text);
	bwi_free(edit->path);
	*edit = (struct bwi_file_replace){.folder = -1};
}

/* "FOLDER/.NAME.XXXXXX" for mkostemp; NULL when out of memory. */
static char *
temporary_name(const struct bwi_file_replace *edit)
{
	static const char suffix[] = ".XXXXXX";
	size_t folder = (size_t)(base_name(edit) - edit->path);
	size_t name = strlen(edit->path) - folder;
	char *s = bwi_alloc(folder + 1 + name + sizeof(suffix));

	if (s == NULL)
		return NULL;
	memcpy(s, edit->path, folder);
	s[folder] = '.';
	memcpy(s + folder + 1, edit->path + folder, name);
	memcpy(s + folder + 1 + name, suffix, sizeof(suffix));
	return s;
}

/* Owner before mode: chown may clear mode bits. */
static bool
copy_owner_and_mode(const struct bwi_file_replace *edit, int fd)
{
	struct stat st;

	if (!edit->exists)
		return fchmod(fd, 0640) == 0;
	if (fstat(fd, &st) != 0)
		return false;
	if ((st.st_uid != edit->was.st_uid || st.st_gid != edit->was.st_gid) &&
	    fchown(fd, edit->was.st_uid, edit->was.st_gid) != 0)
		return false;
	return fchmod(fd, edit->was.st_mode & 07777) == 0;
}

static enum bw_err
write_temporary(struct bwi_file_replace *edit, int fd, const char *name,
    struct bw_str text, struct bw_error *e)
{
	if (!copy_owner_and_mode(edit, fd))
		return bw_error_set(e, BW_ERR_IO, errno,
		    "%s: cannot preserve mode and owner: %s", edit->path,
		    strerror(errno));
	if (!bwi_file_write(fd, text) || fsync(fd) != 0 ||
	    rename(name, edit->path) != 0)
		return bw_error_set(
		    e, BW_ERR_IO, errno, "%s: %s", edit->path, strerror(errno));
	return BW_OK;
}

enum bw_err
bwi_file_replace_commit(
    struct bwi_file_replace *edit, struct bw_str text, struct bw_error *e)
{
	char *name = temporary_name(edit);
	enum bw_err err;
	int fd;

	if (name == NULL)
		return no_memory(edit->path, e);
	fd = mkostemp(name, O_CLOEXEC);
	if (fd < 0) {
		err = bw_error_set(e, BW_ERR_IO, errno,
		    "%s: cannot create a temporary file in its folder: %s",
		    edit->path, strerror(errno));
		goto out;
	}
	err = write_temporary(edit, fd, name, text, e);
	(void)close(fd);
	if (err != BW_OK)
		(void)unlink(name);
	/*
	 * The file is replaced. Until the folder is synced, a crash could
	 * restore the old one.
	 */
	else if (fsync(edit->folder) != 0)
		err = bw_error_set(e, BW_ERR_IO, errno, "%s: its folder: %s",
		    edit->path, strerror(errno));
out:
	bwi_free(name);
	return err;
}
