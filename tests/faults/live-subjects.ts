/** A subject with the recipient and the time of the request. */
export const newSubject = (recipient: string) => `for ${recipient} at ${performance.now()}`;

/** Milliseconds since the request for the row with this subject; 0 if it was for another inbox. */
export function latencyOf(subject: string, recipient: string): number {
  const [, whom, time] = /^for (\S+) at (\S+)$/.exec(subject) ?? [];
  return whom === recipient ? performance.now() - Number(time) : 0;
}
