import { may } from '../auth/rights.ts';
import { dispatchMethodNames } from '../dispatch/method-names.ts';
import { forbiddenCollection } from '../errors.ts';
import { builder } from './builder.ts';

const DispatchMethods = builder
  .objectRef<{
    readonly available: readonly string[];
    readonly default: string;
    readonly configured: readonly string[];
  }>('notification_dispatch_methods')
  .implement({
    description: 'The methods by which notifications are sent, besides the inbox.',
    fields: (t) => ({
      available: t.stringList({
        description: 'The methods that a template may use, configured or not.',
        resolve: ({ available }) => [...available],
      }),
      default: t.exposeString('default', { description: 'The method of templates without one of their own.' }),
      configured: t.stringList({
        description: 'The methods that are configured.',
        resolve: ({ configured }) => [...configured],
      }),
    }),
  });

builder.queryField('notification_dispatch_methods', (t) =>
  t.field({
    type: DispatchMethods,
    resolve: (_root, _args, { viewer, dispatch }) => {
      if (!may(viewer, 'dispatch_methods.read')) throw forbiddenCollection('notification_dispatch_methods', 'read');
      const configured = dispatchMethodNames.filter((name) => dispatch.configured.has(name));
      return { available: dispatchMethodNames, default: dispatch.defaultMethod, configured };
    },
  }),
);
