/**
 * Returns the milliseconds to add to `performance.now()` to get the time of day, accurate to less than one millisecond.
 * With it, times of several processes can be compared.
 */
export function clockOffset() {
  const tick = Date.now();
  let now = tick;
  while (now === tick) now = Date.now();
  return now - performance.now();
}
