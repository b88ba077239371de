/** What one check found. */
export interface Finding {
  readonly check: string;
  readonly result: 'ok' | 'warn' | 'fail';
  readonly text: string;
  /** What to do about it. */
  readonly cure?: string;
}
