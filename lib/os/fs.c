#include "os/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <bwcallback/store.h>
#include <bwcallback/tools/store.h>

#include "base/alloc.h"
#include "os/file.h"

int
bwi_fs_sync_dir(const char *path)
{
	const char *slash = strrchr(path, '/');
	size_t n = slash == NULL   ? 0
		   : slash == path ? 1
				   : (size_t)(slash - path);
	char *dir = n > 0 ? bwi_strndup(path, n) : bwi_strndup(".", 1);
	int fd, r;

	if (dir == NULL) {
		errno = ENOMEM;
		return -1;
	}
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bwi_free(dir);
	if (fd < 0)
		return -1;
	r = fsync(fd);
	if (r != 0 && errno == EINVAL)
		r = 0; /* a file system that cannot sync a folder */
	close(fd);
	return r;
}

enum bw_err
bwi_fs_error(struct bw_error *e, int sys, const char *path, const char *noun)
{
	enum bw_err code = BW_ERR_IO;

	if (sys == ENOSPC || sys == EDQUOT || sys == EFBIG)
		code = BW_ERR_FULL;
	else if (sys == EROFS || sys == EACCES || sys == EPERM)
		code = BW_ERR_READONLY;
	else if (sys == ENOMEM)
		code = BW_ERR_NOMEM;
	return bw_error_set(e, code, sys, "%s: %s: %s", path, noun,
	    sys == BWI_FILE_IRREGULAR ? "not a regular file" : strerror(sys));
}

bool
bwi_fs_is_shared(const char *path)
{
	/* statfs(2): NFS, SMB, CIFS, SMB2, AFS, CODA, NCP, 9P, Ceph, OCFS2,
	   GFS2, Lustre, GPFS, BeeGFS, FUSE (which may be any of them) */
	static const unsigned long shared[] = {0x6969, 0x517b, 0xff534d42,
	    0xfe534d42, 0x5346414f, 0x73757245, 0x564c, 0x01021997, 0x00c36400,
	    0x7461636f, 0x01161970, 0x0bd00bd0, 0x47504653, 0x19830326,
	    0x65735546};
	struct statfs fs;

	if (statfs(path, &fs) != 0)
		return false;
	for (size_t i = 0; i < sizeof(shared) / sizeof(shared[0]); i++) {
		if (((unsigned long)fs.f_type & 0xffffffffUL) == shared[i])
			return true;
	}
	return false;
}

bool
bw_store_is_shared(const char *path)
{
	return bwi_fs_is_shared(path);
}
