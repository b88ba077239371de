/** The exit codes of every command. */
export const exitCodes = { ok: 0, failed: 1, usage: 2 } as const;

/** A command failed. The message is one sentence. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly exitCode: number;

  constructor(message: string, exitCode: number = exitCodes.failed) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** A command was called with invalid arguments. */
export const wrongUsage = (message: string) => new Failure(message, exitCodes.usage);

/** Errors whose message is written for operators; compared by name, because their modules are not loaded here. */
const operatorErrors: ReadonlySet<string> = new Set([
  'Failure',
  'BackupError',
  'ConfigError',
  'EmbeddedError',
  'MigrationError',
  'StartError',
  'InboxError',
  'ServiceError',
]);

/** The text to print for an error: one sentence, never a stack trace. */
export function sentenceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (operatorErrors.has(error.name)) return error.message;
  // A list of errors, one for each address of a host name.
  const { errors, code } = error as { errors?: readonly Error[]; code?: unknown };
  const message = error.message || errors?.map((one) => one.message).join(', ') || String(code ?? error.name);
  return `The command failed: ${message.split('\n')[0]}${message.endsWith('.') ? '' : '.'}`;
}
