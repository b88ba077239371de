/** Maximum milliseconds to wait for one thing, on a busy machine. A test may wait for several. */
export const patience = 30_000;
