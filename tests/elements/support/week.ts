const workspaceCreated = '281fdf73-c6d6-4cbb-8ff5-888baf8a2fff';
const userCreated = '4e19c0ac-94e1-4532-9515-d1801aa283b2';
const templateDeleted = '29a09665-2a4c-403f-9648-54301670e7be';

/** A notification of the week that the pictures show. */
export interface Row {
  readonly subject: string;
  readonly message: string;
  /** Hours before the time of the pictures. */
  readonly hoursAgo: number;
  readonly template?: string;
  readonly action?: 'read' | 'save';
  readonly link?: string;
}

const buildFailed = `Two of 412 tests failed on **main**:

- \`delivery retries after a timeout\`
- \`inbox counts after an undo\`

The last green build was [2026.3.17](https://ci.example.com/builds/2026.3.17). To run them again:

\`\`\`
npm test -- delivery inbox
\`\`\``;

/** Oldest first. */
export const week: readonly Row[] = [
  {
    subject: 'Welcome to Tidings',
    message: 'Choose what you want to hear about in your settings.',
    hoursAgo: 190,
    action: 'read',
  },
  {
    subject: 'Template “ubuntu-20” was deleted',
    message: 'Workspaces that use it keep running.',
    hoursAgo: 96,
    template: templateDeleted,
    action: 'read',
  },
  {
    subject: 'Carol joined your team',
    message: '**Carol Weber** can now see the projects of _Platform_.',
    hoursAgo: 51,
    template: userCreated,
    action: 'save',
  },
  {
    subject: 'Invoice 2026-03 is ready',
    message: 'The total is 1,240.00 EUR, due on 1 April.',
    hoursAgo: 30,
    action: 'read',
  },
  {
    subject: 'Workspace “api” was stopped',
    message: 'It was idle for eight hours.',
    hoursAgo: 27,
    template: workspaceCreated,
    action: 'read',
  },
  {
    subject: 'Bob asked you to review “Retry failed deliveries”',
    message: 'He says: *only the last commit is new.*',
    hoursAgo: 6,
    template: userCreated,
  },
  {
    subject: 'The nightly build failed',
    message: buildFailed,
    hoursAgo: 2,
    template: workspaceCreated,
    link: 'https://ci.example.com/builds/2026.3.18',
  },
  {
    subject: 'Your export is ready',
    message: 'It has 10,000 rows and can be downloaded until Friday.',
    hoursAgo: 0.2,
    link: 'https://example.com/export',
  },
];
