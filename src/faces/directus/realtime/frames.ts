import { z } from 'zod';
import { databaseUnavailable, type ErrorCode, ServiceError } from '../../../errors.ts';
import { isOutage } from '../../../outage.ts';
import { cutQuoted, cutSentence } from '../../../quoting.ts';

/** The id that a client gives a message; the reply repeats it. */
export type Uid = string | number;

const Uid = z.union([z.string(), z.number()]).optional();

/** The fields that all messages share. */
const Frame = z.looseObject({ type: z.string(), uid: Uid });
export type Frame = z.infer<typeof Frame>;

const AuthFrame = z.union([
  z.object({ access_token: z.string().min(1) }),
  z.object({ email: z.string(), password: z.string() }),
  z.object({ refresh_token: z.string().min(1) }),
]);
/** The credentials in an `auth` message. */
export type Credentials = z.infer<typeof AuthFrame>;

const SubscribeFrame = z.object({
  uid: Uid,
  collection: z.string(),
  event: z.enum(['create', 'update', 'delete']).optional(),
  item: z.union([z.string(), z.number()]).optional(),
  query: z.record(z.string(), z.unknown()).optional(),
});
export type SubscribeFrame = z.infer<typeof SubscribeFrame>;

const ItemsFrame = z.object({ action: z.enum(['create', 'read', 'update', 'delete']), collection: z.string() });

/** The error codes of the API and those that only this protocol has. */
type FrameCode = ErrorCode | 'AUTH_FAILED' | 'AUTH_TIMEOUT' | 'INVALID_COLLECTION' | 'TOKEN_EXPIRED';

/** An error with a code of this protocol. */
export class FrameError extends Error {
  override readonly name = 'FrameError';
  readonly code: FrameCode;

  constructor(code: FrameCode, message: string) {
    super(cutSentence(message));
    this.code = code;
  }
}

/** Parses a message; undefined if it is invalid. */
export function parseFrame(text: string): Frame | undefined {
  try {
    return Frame.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** The credentials of an `auth` message; undefined if there are none of a supported kind. */
export function credentialsOf(frame: Frame): Credentials | undefined {
  return AuthFrame.safeParse(frame).data;
}

/** @throws FrameError `INVALID_PAYLOAD` naming what is wrong. */
export function parseSubscribe(frame: Frame): SubscribeFrame {
  return parseAs(SubscribeFrame, frame);
}

/** @throws FrameError `INVALID_PAYLOAD` naming what is wrong with a message about items. */
export function assertItemsFrame(frame: Frame): void {
  parseAs(ItemsFrame, frame);
}

function parseAs<Value>(shape: z.ZodType<Value>, frame: Frame): Value {
  const { data, error } = shape.safeParse(frame);
  if (data !== undefined) return data;
  const faults = error?.issues.map(({ path, message }) => `"${path.join('.')}": ${message}`) ?? [];
  throw new FrameError('INVALID_PAYLOAD', `The message cannot be understood. ${faults.join('; ')}.`);
}

/** The reply to a message that failed. @param type the type of that message; `server` if it could not be parsed. */
export function errorFrame(type: string, error: unknown, uid?: Uid): object {
  const shown = isOutage(error) ? databaseUnavailable() : error;
  const { code, message } = shown instanceof FrameError || shown instanceof ServiceError ? shown : unexpected;
  return { type: cutQuoted(type), status: 'error', error: { code, message }, ...withUid(uid) };
}

const unexpected = new FrameError('INTERNAL_SERVER_ERROR', 'An unexpected error occurred.');

export function withUid(uid: Uid | undefined): { readonly uid?: Uid } {
  return uid === undefined ? {} : { uid };
}
