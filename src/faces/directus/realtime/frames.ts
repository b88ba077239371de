import { z } from 'zod';
import { databaseUnavailable, type ErrorCode, ServiceError } from '../../../errors.ts';
import { isOutage } from '../../../outage.ts';
import { cutQuoted, cutSentence } from '../../../quoting.ts';

/** What a client gave a message, to know the answer by. */
export type Uid = string | number;

const Uid = z.union([z.string(), z.number()]).optional();

/** What every message must be. */
const Frame = z.looseObject({ type: z.string(), uid: Uid });
export type Frame = z.infer<typeof Frame>;

const AuthFrame = z.union([
  z.object({ access_token: z.string().min(1) }),
  z.object({ email: z.string(), password: z.string() }),
]);
/** How somebody says who they are. */
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

/** Codes that only this protocol has, beside those of the family. */
type FrameCode = ErrorCode | 'AUTH_FAILED' | 'AUTH_TIMEOUT' | 'INVALID_COLLECTION' | 'TOKEN_EXPIRED';

/** A fault that only this protocol has a word for. */
export class FrameError extends Error {
  override readonly name = 'FrameError';
  readonly code: FrameCode;

  constructor(code: FrameCode, message: string) {
    super(cutSentence(message));
    this.code = code;
  }
}

/** The message in a text, or nothing when it is none. */
export function parseFrame(text: string): Frame | undefined {
  try {
    return Frame.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** The credentials of an `auth` message, or nothing when there are none that can be used here. */
export function credentialsOf(frame: Frame): Credentials | undefined {
  return AuthFrame.safeParse(frame).data;
}

/** @throws FrameError `INVALID_PAYLOAD` naming what is wrong. */
export function parseSubscribe(frame: Frame): SubscribeFrame {
  return parsed(SubscribeFrame, frame);
}

/** @throws FrameError `INVALID_PAYLOAD` naming what is wrong with a message about items. */
export function assertItemsFrame(frame: Frame): void {
  parsed(ItemsFrame, frame);
}

function parsed<Value>(shape: z.ZodType<Value>, frame: Frame): Value {
  const { data, error } = shape.safeParse(frame);
  if (data !== undefined) return data;
  const faults = error?.issues.map(({ path, message }) => `"${path.join('.')}": ${message}`) ?? [];
  throw new FrameError('INVALID_PAYLOAD', `The message cannot be understood. ${faults.join('; ')}.`);
}

/** The answer to a message that failed. @param type what failed; `server` when it was no message at all. */
export function errorFrame(type: string, error: unknown, uid?: Uid): object {
  const known = isOutage(error) ? databaseUnavailable() : error;
  const { code, message } = known instanceof FrameError || known instanceof ServiceError ? known : unexpected;
  return { type: cutQuoted(type), status: 'error', error: { code, message }, ...withUid(uid) };
}

const unexpected = new FrameError('INTERNAL_SERVER_ERROR', 'An unexpected error occurred.');

export function withUid(uid: Uid | undefined): { readonly uid?: Uid } {
  return uid === undefined ? {} : { uid };
}
