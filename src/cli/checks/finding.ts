/** The result of one check. */
export interface Finding {
  readonly check: string;
  readonly result: 'ok' | 'warn' | 'fail';
  readonly text: string;
  /** How to fix it. */
  readonly cure?: string;
}
