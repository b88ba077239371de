import { inspect, stripVTControlCharacters, styleText } from 'node:util';
import type { DestinationStream } from 'pino';

const levels: Readonly<Record<number, readonly [name: string, color: 'red' | 'yellow' | 'green' | 'gray']>> = {
  10: ['trace', 'gray'],
  20: ['debug', 'gray'],
  30: ['info', 'green'],
  40: ['warn', 'yellow'],
  50: ['error', 'red'],
  60: ['fatal', 'red'],
};

/**
 * Writes log entries as lines for people: local time, level, message, then the fields. A stack trace follows on lines
 * of its own. For terminals only: programs read the JSON.
 */
export function readableLog(output: { write(text: string): unknown }, hasColors: boolean): DestinationStream {
  return {
    write(line) {
      const { time, level, msg, pid: _pid, hostname: _hostname, err, ...fields } = JSON.parse(line);
      const [name, color] = levels[level] ?? [String(level), 'gray'];
      const mark = name.padEnd(5);
      const clock = new Date(time).toTimeString().slice(0, 8);
      const rest = Object.entries(fields).map(([key, value]) => ` ${key}=${textOf(value)}`);
      const failure = err === undefined ? '' : `\n${plain(String(err.stack ?? err.message ?? textOf(err)))}`;
      output.write(
        `${clock} ${hasColors ? styleText(color, mark, { validateStream: false }) : mark} ${plain(String(msg ?? ''))}${rest.join('')}${failure}\n`,
      );
    },
  };
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return /^[^\s"=]+$/.test(value) ? plain(value) : JSON.stringify(value);
  return typeof value === 'object'
    ? inspect(value, { breakLength: Number.POSITIVE_INFINITY, depth: 4 })
    : String(value);
}

/** Removes escape sequences, because text of callers must not control the terminal. */
function plain(text: string): string {
  return stripVTControlCharacters(text);
}
