/** One line of the delivery log: a message to one user by one method. Times are ISO-8601 UTC text. */
export interface Delivery {
  readonly id: string;
  readonly template_id: string | null;
  readonly user_id: string;
  readonly method: string;
  readonly status: string;
  /** More about the status, if there is more to say. */
  readonly status_reason: string | null;
  /** Number of completed attempts. */
  readonly attempt_count: number;
  readonly next_retry_after: string | null;
  readonly targets: readonly string[];
  readonly created_by: string;
  readonly created_at: string;
  readonly updated_at: string | null;
}
