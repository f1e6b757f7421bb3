#ifndef BWCALLBACK_TOOLS_PASSWD_H
#define BWCALLBACK_TOOLS_PASSWD_H

/* An interface for the programs of this package: any release may change it. */

#include <bwcallback/error.h>
#include <bwcallback/str.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * htpasswd files: lines "user:hash", comments with '#', hashes of crypt(5):
 * bcrypt, SHA-512, SHA-256, yescrypt. apr1 and plain text are errors. Lines may
 * end in CRLF.
 */

/* Most bytes of a user name and a password. */
#define BW_PASSWD_MAX_USER     1024
#define BW_PASSWD_MAX_PASSWORD 1024

/*
 * Set the password of a user, and add the user if new. The file is replaced
 * atomically; a new file gets mode 0640, an existing one keeps mode and owner.
 * The hash is bcrypt of cost 10, which all readers of htpasswd files support.
 * All other lines stay as they are; further lines of the user are removed. If
 * file is a symbolic link, the file it names is replaced.
 *
 * BW_ERR_USAGE: a user name that is empty, too long, begins with '#' or has
 * ':' or control characters; a password that is empty, has control characters
 * or is longer than 72 bytes, the limit of bcrypt. BW_ERR_NOFILE: the file or
 * its folder cannot be read. BW_ERR_BUSY: another edit of a file in the folder
 * has taken more than five seconds. BW_ERR_IO, BW_ERR_LIMIT, BW_ERR_NOMEM.
 */
BW_EXPORT enum bw_err bw_passwd_set(const char *file, struct bw_str user,
    struct bw_str password, struct bw_error *) BW_CHECK;
/* Remove a user. BW_ERR_NOFILE: there is no such user. */
BW_EXPORT enum bw_err bw_passwd_remove(
    const char *file, struct bw_str user, struct bw_error *) BW_CHECK;
/*
 * Check a password. BW_ERR_REJECTED: wrong password, or no such user; both take
 * the same time.
 */
BW_EXPORT enum bw_err bw_passwd_verify(const char *file, struct bw_str user,
    struct bw_str password, struct bw_error *) BW_CHECK;
/* Call each() with every user once, in the order of the file. */
BW_EXPORT enum bw_err
bw_passwd_list(const char *file, void (*each)(void *arg, struct bw_str user),
    void *arg, struct bw_error *) BW_CHECK;
/*
 * Write a random password of n characters and a NUL to out, which has n + 1
 * bytes. It consists of letters and digits that are not easily confused, 5.8
 * bits of entropy each.
 */
BW_EXPORT enum bw_err
bw_passwd_generate(char *out, size_t n, struct bw_error *) BW_CHECK;

#ifdef __cplusplus
}
#endif

#endif
