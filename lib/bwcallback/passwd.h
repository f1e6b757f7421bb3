#ifndef BWCALLBACK_PASSWD_H
#define BWCALLBACK_PASSWD_H

#include <bwcallback/error.h>
#include <bwcallback/str.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * htpasswd files: "user:hash" lines, '#' comments, hashes as crypt(5) names
 * them (bcrypt, SHA-512, SHA-256, yescrypt; apr1 and plain text are refused
 * with the command that makes a usable one). CRLF is accepted.
 */

#define BW_PASSWD_MAX_USER     1024
#define BW_PASSWD_MAX_PASSWORD 1024

/*
 * Set the password of a user in a file, adding the user when new. The file is
 * replaced in one step (written beside it, synced, renamed) and created with
 * mode 0640 when missing; an existing file keeps mode and owner. The hash is
 * bcrypt of cost 10, which every htpasswd reader knows: remembered after the
 * first use, it costs once, not per request.
 *
 * All other lines stay byte for byte; further lines of the user go. A
 * symbolic link stays one: the file it names is replaced.
 *
 * BW_ERR_USAGE: a user name that is empty, too long, begins with '#' or has
 * ':' or control characters; a password that is empty, has control characters
 * or, as bcrypt reads no further, is over 72 bytes. BW_ERR_NOFILE: the file or
 * its folder cannot be read. BW_ERR_BUSY: another edit of a file in the folder
 * takes longer than five seconds. BW_ERR_IO, _LIMIT, _NOMEM.
 */
BW_EXPORT enum bw_err bw_passwd_set(const char *file, struct bw_str user,
    struct bw_str password, struct bw_error *) BW_CHECK;
/* Remove a user; BW_ERR_NOFILE when the user is not there. */
BW_EXPORT enum bw_err bw_passwd_remove(
    const char *file, struct bw_str user, struct bw_error *) BW_CHECK;
/*
 * BW_OK when user and password match a line; BW_ERR_REJECTED otherwise, taking
 * as long for a user that is not there.
 */
BW_EXPORT enum bw_err bw_passwd_verify(const char *file, struct bw_str user,
    struct bw_str password, struct bw_error *) BW_CHECK;
/* Call each with every user once, in the order of the file. */
BW_EXPORT enum bw_err
bw_passwd_list(const char *file, void (*each)(void *arg, struct bw_str user),
    void *arg, struct bw_error *) BW_CHECK;
/*
 * Write a random password of n characters (letters and digits without the
 * ones people confuse, 5.8 bits each) and a NUL to out, which has n + 1 bytes.
 */
BW_EXPORT enum bw_err
bw_passwd_generate(char *out, size_t n, struct bw_error *) BW_CHECK;

#ifdef __cplusplus
}
#endif

#endif
