import { type Erasure, eraseUser } from '../user-data/erase-user.ts';
import { type ExportLine, exportUser } from '../user-data/export-user.ts';
import { userKeyRule } from '../user-keys/user-key.ts';
import { builder } from './builder.ts';

const Line = builder.objectRef<ExportLine>('user_export_lines').implement({
  description:
    'One line of an export. The first has the type `export`, the last the type `end`: without it, the export is incomplete.',
  fields: (t) => ({
    type: t.exposeString('type', {
      description: 'What the line holds, such as `profile`, `notification` or `delivery`; see docs/user-data.md.',
    }),
    data: t.field({ type: 'JSON', description: 'The row, without secrets.', resolve: ({ data }) => data }),
  }),
});

builder.subscriptionField('export_user', (t) =>
  t.field({
    type: Line,
    description:
      'Everything stored about a user, as of one moment, at the reader’s pace; it completes after the last line. `GET /users/:id/export` sends the same lines as a file. Members may export only their own data; tokens with scopes need `admin`. Each export is recorded in the audit log.',
    args: { id: t.arg.id({ defaultValue: 'me', description: `\`me\`, or ${userKeyRule}.` }) },
    subscribe: (_root, { id }, context) => exportUser(context, id ?? 'me'),
    resolve: (line) => line,
  }),
);

const Erased = builder.objectRef<Erasure>('user_erasures').implement({
  description: 'The state of an erasure.',
  fields: (t) => ({
    user_id: t.id({ description: 'The id of the user.', resolve: ({ id }) => id }),
    completed: t.exposeBoolean('completed', {
      description:
        'False: who the user was is erased, and the rest of a big inbox is being erased in the background. The audit log has `user_erased` when nothing is left.',
    }),
  }),
});

builder.mutationField('erase_user', (t) =>
  t.field({
    type: Erased,
    description:
      'Erases everything of a user for good: profile, notifications, deliveries with their contents, preferences, tokens and sign-ins. Notifications that the user sent stay in other inboxes, without a sender. May be repeated. Members may erase only themselves; the last active admin cannot be erased. Recorded in the audit log.',
    args: { id: t.arg.id({ required: true, description: `\`me\`, or ${userKeyRule}.` }) },
    resolve: (_root, { id }, context) => eraseUser(context, id),
  }),
);
