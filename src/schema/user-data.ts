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
