/** Captured early: fake timers of test runners may replace the global later, and sockets must keep working. */
export const { setImmediate } = globalThis;
