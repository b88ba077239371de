// Imported by modules of the service that `switch-*.mjs` replaced. Parts of the running service are switched on and off by
// messages of the benchmark, so that one process is measured with and without them.

/** The parts that are off. */
let off = new Set();

process.on('message', ({ switchOff }) => {
  if (switchOff === undefined) return;
  off = new Set(switchOff);
  process.send?.({ kind: 'answer' });
});

/** @param {string} part */
export function isOn(part) {
  return !off.has(part);
}

/**
 * The application for code that registers hooks: they are skipped while the part is off.
 * @template {object} App
 * @param {App} app
 * @param {string} part
 * @returns {App}
 */
export function withSwitchedHooks(app, part) {
  return Object.create(app, {
    addHook: {
      value: (name, hook) => app.addHook(name, isLifecycle(name) ? switched(hook, part) : hook),
    },
  });
}

function isLifecycle(name) {
  return name === 'onRequest' || name === 'preParsing' || name === 'onResponse';
}

function switched(hook, part) {
  return function (...args) {
    if (isOn(part)) return hook.apply(this, args);
    args.at(-1)();
  };
}
