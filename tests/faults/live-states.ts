/** A possible state of a notification; there are several if the response to a write was lost. */
export interface State {
  readonly recipient: string;
  readonly status: string;
  readonly isRead: boolean;
  readonly isSaved: boolean;
  readonly isSnoozed: boolean;
}
export const deleted = 'deleted';
