#ifndef BWC_REMOVE_FOLDER_H
#define BWC_REMOVE_FOLDER_H

/* Remove a folder and everything in it, as far as this user may. */
void remove_folder(const char *path);

#endif
