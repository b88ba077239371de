import type { Follow } from './follow.ts';
import { asInboxError, type Changes, changesDocument, dataOf, InboxError, post, resultOf } from './requests.ts';
import { linkedTo, startTimer, unlessAborted } from './timeouts.ts';

/** Follows over server-sent events, read with `fetch` so that the token can be sent in a header. */
export const byEvents: Follow = async ({ connection, variables, onOpen, onChange, signal }) => {
  const { openMs, silenceMs } = connection.timeouts;
  const cut = linkedTo(signal);
  const giveUp = (what: string) => cut.abort(new Error(`the service did not ${what}`));
  let silence = startTimer(openMs, () => giveUp(`open the stream within ${openMs} ms`));
  const listen = () => {
    clearTimeout(silence);
    silence = startTimer(silenceMs, () => giveUp(`send anything within ${silenceMs} ms`));
  };
  try {
    const operation = { query: changesDocument, variables, accept: 'text/event-stream' };
    const response = await unlessAborted(cut.signal, post(connection, operation, cut.signal));
    if (!response.headers.get('content-type')?.startsWith('text/event-stream') || !response.body) {
      dataOf(await resultOf(response));
      throw new InboxError('NETWORK', `the service answered ${response.status} without a stream`);
    }
    listen();
    onOpen();
    const reader: { read(): Promise<{ done: boolean; value?: Uint8Array | undefined }> } = response.body.getReader();
    const decoder = new TextDecoder();
    let text = '';
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      listen();
      const events = (text + decoder.decode(part.value, { stream: true })).split(/\r?\n\r?\n/);
      text = events.pop() ?? '';
      for (const { event, data } of events.map(parseEvent)) {
        if (event === 'complete') return;
        if (event === 'next' && !signal.aborted) onChange(dataOf<Changes>(JSON.parse(data)).inbox_changes);
      }
    }
  } catch (error) {
    if (!signal.aborted) throw asInboxError(cut.signal.aborted ? cut.signal.reason : error);
  } finally {
    clearTimeout(silence);
    cut.abort();
  }
};

function parseEvent(text: string): { readonly event: string; readonly data: string } {
  const lines = text.split(/\r?\n/);
  const read = (name: string) =>
    lines
      .filter((line) => line.startsWith(`${name}:`))
      .map((line) => line.slice(name.length + 1).replace(/^ /, ''))
      .join('\n');
  return { event: read('event'), data: read('data') };
}
