#ifndef BWI_BASE_PRIORITY_H
#define BWI_BASE_PRIORITY_H

/* Which requests give way first when something is short. */
enum bwi_priority {
	BWI_PRIORITY_REPEATED, /* messages: delivered again for a day */
	BWI_PRIORITY_ONCE,     /* never delivered again */
	BWI_PRIORITY_CALL,     /* a call waits for the answer */
	BWI_PRIORITY_DECISION, /* a port-out: silence would be consent */
	BWI_PRIORITY__MAX
};

#endif
