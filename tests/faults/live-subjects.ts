/** A subject that tells for whom it was asked, and when. */
export const newSubject = (recipient: string) => `for ${recipient} at ${performance.now()}`;

/** How long ago a row with this subject was asked for, in milliseconds; 0 when it was for another inbox. */
export function latencyOf(subject: string, recipient: string): number {
  const [, whom, time] = /^for (\S+) at (\S+)$/.exec(subject) ?? [];
  return whom === recipient ? performance.now() - Number(time) : 0;
}
