/** What to add to `performance.now()` to get the time of day, to less than a millisecond: processes can be compared. */
export function clockOffset() {
  const tick = Date.now();
  let now = tick;
  while (now === tick) now = Date.now();
  return now - performance.now();
}
