// Many subscribed sockets, in a separate process, so that their memory and CPU time are not counted.
import { clockOffset } from './clock.mjs';
import { createMutator } from './live-mutator.mjs';
import { openSocket } from './live-socket.mjs';
import { performTasks } from './task-process.mjs';

const path = '/graphql/system';
const fields = 'kind key unread_count cursor notification { id subject message timestamp read_at }';
const query = `subscription ($after: String) { inbox_changes(after: $after) { ${fields} } }`;
/** Maximum number of concurrent handshakes, unless all sockets are opened at once. */
const handshakes = 64;
/** A message that has not arrived by then counts as lost. */
const timeoutMs = 60_000;
const next = Buffer.from('"next"');
const keyMark = Buffer.from('"key":"');

let sockets = [];
let received = 0;
let onReceived = () => undefined;
let latest = Buffer.alloc(0);
/** Keys and times of arrival; undefined while they are not recorded. */
let arrivals;
let failure;

/** Opens a socket. Resolves when it was acknowledged and its subscription was sent. */
function open({ url, token, after }) {
  const { hostname: host, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = openSocket(
      { host, port: Number(port), path },
      {
        onOpen: () => socket.send(JSON.stringify({ type: 'connection_init', payload: { access_token: token } })),
        onMessage(message) {
          if (isNext(message)) {
            received += 1;
            latest = message;
            if (arrivals) arrivals.push([keyOf(message), performance.now()]);
            onReceived(message);
            return;
          }
          const { type, payload } = JSON.parse(message);
          if (type !== 'connection_ack') return fail(new Error(`${type}: ${JSON.stringify(payload)}`));
          socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query, variables: { after } } }));
          sockets.push(socket);
          return resolve();
        },
        onClose: (reason) => fail(new Error(reason)),
      },
    );
    const fail = (error) => {
      if (!socket.isWanted) return;
      failure = error;
      reject(error);
    };
    socket.isWanted = true;
  });
}

function isNext(message) {
  const index = message.indexOf('"type":');
  return message.compare(next, 0, next.length, index + 7, index + 7 + next.length) === 0;
}

function keyOf(message) {
  const start = message.indexOf(keyMark) + keyMark.length;
  return message.toString('latin1', start, message.indexOf('"', start));
}

async function receivedAll(count) {
  let timer;
  await new Promise((resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${received} of ${count} messages have arrived`)), timeoutMs);
    onReceived = () => received >= count && resolve();
    onReceived();
  });
  clearTimeout(timer);
}

const tasks = {
  async open({ subscriptions, isAtOnce }) {
    received = 0;
    failure = undefined;
    const waiting = [...subscriptions];
    const worker = async () => {
      for (let one = waiting.shift(); one; one = waiting.shift()) await open(one);
    };
    await Promise.all(Array.from({ length: isAtOnce ? waiting.length : handshakes }, worker));
    return {};
  },
  /** Opens all sockets at once, each `missed` changes behind. Measures the time until the last one has received all. */
  async resume({ subscriptions, missed }) {
    received = 0;
    const start = performance.now();
    const opened = tasks.open({ subscriptions, isAtOnce: true });
    const all = receivedAll(subscriptions.length * missed);
    await opened;
    const openedMs = performance.now() - start;
    await all;
    return { ms: performance.now() - start, openedMs };
  },
  async record() {
    arrivals = [];
    return {};
  },
  /** Returns the arrivals since `record`, by the time of day, once there are `count` of them. */
  async recorded({ count }) {
    received = arrivals.length;
    await receivedAll(count);
    const offset = clockOffset();
    const taken = arrivals.map(([key, at]) => [key, at + offset]);
    arrivals = undefined;
    return { arrivals: taken };
  },
  /** Makes changes, at most `window` at a time. A change is complete when every socket has received it. */
  async broadcast({ seconds, window, bare, message, urls, recipient }) {
    const mutator = bare === undefined ? createMutator(urls, window) : undefined;
    const trigger = bare === undefined ? undefined : await control(bare);
    const change = () => (mutator ? mutator.create(recipient) : trigger.send(JSON.stringify({ type: 'broadcast' })));
    trigger?.send(JSON.stringify({ type: 'ready', payload: message }));
    received = 0;
    let begun = 0;
    const start = performance.now();
    const end = start + seconds * 1000;
    await new Promise((resolve, reject) => {
      const fill = () => {
        while (performance.now() < end && begun * sockets.length < received + window * sockets.length) {
          begun += 1;
          Promise.resolve(change()).catch(reject);
        }
      };
      onReceived = () => {
        if (received % sockets.length === 0) fill();
        if (performance.now() >= end && received === begun * sockets.length) resolve();
      };
      fill();
    });
    const elapsed = (performance.now() - start) / 1000;
    onReceived = () => undefined;
    await mutator?.close();
    if (trigger) {
      trigger.isWanted = false;
      trigger.destroy();
    }
    return { deliveries: received, elapsed, message: latest.toString() };
  },
  async close() {
    if (failure) throw failure;
    onReceived = () => undefined;
    for (const socket of sockets) {
      socket.isWanted = false;
      socket.destroy();
    }
    sockets = [];
    return {};
  },
};

/** A socket that only sends commands to the bare server, `live-bare.mjs`. */
function control(url) {
  const { hostname: host, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = openSocket(
      { host, port: Number(port), path },
      { onOpen: () => resolve(socket), onMessage: () => undefined, onClose: () => undefined },
    );
  });
}

performTasks((message) => tasks[message.do](message));
