import { listAudit } from '../audit/list.ts';
import { type AuditEntry, auditActions } from '../audit/model.ts';
import { userKeyRule } from '../user-keys/user-key.ts';
import { builder } from './builder.ts';

const AuditAction = builder.enumType('audit_action', {
  description:
    '`export_user`: an export began. `erase_user`: an erasure was requested. `user_erased`: nothing of the user is left.',
  values: auditActions,
});

const Entry = builder.objectRef<AuditEntry>('audit_entries').implement({
  description:
    'An entry of the audit log. It is kept when the users are erased, and holds no personal data but their ids.',
  fields: (t) => ({
    id: t.exposeID('id'),
    at: t.field({ type: 'Date', description: 'When it happened.', resolve: ({ at }) => at.toISOString() }),
    actor: t.exposeID('actor', { description: 'The id of the user who did it.' }),
    action: t.field({
      type: 'String',
      description: 'One of `audit_action`; a later version may have recorded others.',
      resolve: ({ action }) => action,
    }),
    user_id: t.exposeID('user_id', { description: 'The id of the user whose data it was.' }),
    details: t.field({ type: 'JSON', description: 'Numbers, by name.', resolve: ({ details }) => details }),
  }),
});

builder.queryField('audit_log', (t) =>
  t.field({
    type: [Entry],
    description: 'Exports and erasures of the data of users, newest first; for admins and readers.',
    args: {
      user: t.arg.id({ description: `Only entries about the data of this user: \`me\`, or ${userKeyRule}.` }),
      action: t.arg({ type: AuditAction, description: 'Only entries of this kind.' }),
      limit: t.arg.int({ description: 'Maximum number of entries, up to 1000. Default: 100.' }),
      after: t.arg.id({ description: 'The id of the last entry of the previous page.' }),
    },
    resolve: (_root, query, context) => listAudit(context, query),
  }),
);
