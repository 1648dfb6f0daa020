/** Lets timers, sockets and other requests run; long loops call it every few milliseconds of work. */
export function yieldToLoop(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
