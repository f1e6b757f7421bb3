#ifndef BWF_MAIN_H
#define BWF_MAIN_H

/* The main program of bwcallback.fcgi. Returns an exit code (sysexits). */
int fcgi_main(int argc, char **argv);

#endif
