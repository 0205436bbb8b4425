/*
 * What a cancelled run may still take. The runner kills a step 10 s after it asked it to end. At most
 * an update is unanswered then, is looked for, is asked to be taken back, and that is looked for too:
 * 2 + 1.5 + 3 + 1.5 = 8 s.
 */

/** What the answer to a request that is under way may still take once the run is cancelled, ms. */
export const LAST_ANSWER_MS = 2_000;
/** What asking for a rollback may take when there is no time left to wait for it, ms. */
export const LAST_REQUEST_MS = 3_000;
/** What a look may take at whether a request without an answer was taken, ms. */
export const LOOK_MS = 1_500;
