import type { Entry } from './entry.ts';

/** The notifications sent while the demo runs, again and again. `n` makes each round different. */
export const next: readonly ((n: number) => Entry)[] = [
  (n) => ({
    kind: 'written',
    to: ['ada'],
    from: 'ines',
    subject: `Ines answered your comment on review ${1220 + n}`,
    message: '“Yes, that is clearer.” She **resolved** the thread.',
    about: ['reviews', String(1220 + n)],
  }),
  (n) => ({
    kind: 'template',
    template: 'Workspace Manual Build Failed',
    to: ['ada'],
    labels: {
      name: 'api',
      template_name: 'go-next',
      template_version_name: '1.4',
      initiator: 'tom',
      workspace_owner_username: 'ada',
      workspace_build_number: String(90 + n),
    },
  }),
  (n) => ({
    kind: 'written',
    to: ['ines', 'ada'],
    subject: `Payment for invoice 2026-0${445 + n} received`,
    message: 'The invoice is **paid** in full.',
    about: ['invoices', `2026-0${445 + n}`],
  }),
  (n) => ({
    kind: 'reminder',
    to: ['noor'],
    title: `Stretch, number ${n + 1}`,
    message: 'Five minutes **away** from the screen.',
  }),
  (n) => ({
    kind: 'written',
    to: ['tom', 'noor', 'ines'],
    from: 'ada',
    subject: `Deployment ${349 + n} is live`,
    message: 'Nothing to do. `docs` and 1 fix.',
    about: ['deployments', String(349 + n)],
  }),
  (n) => ({
    kind: 'template',
    template: 'User account created',
    to: ['ada'],
    labels: { created_account_name: `guest-${n + 1}`, created_account_user_name: `Guest ${n + 1}`, initiator: 'noor' },
  }),
];
