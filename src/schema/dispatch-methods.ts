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
    description: 'How notifications are sent, besides to the inbox.',
    fields: (t) => ({
      available: t.stringList({
        description: 'What a template may be sent by, whether it is set up or not.',
        resolve: ({ available }) => [...available],
      }),
      default: t.exposeString('default', { description: 'The method of templates without one of their own.' }),
      configured: t.stringList({
        description: 'Those that are set up, so that they can send.',
        resolve: ({ configured }) => [...configured],
      }),
    }),
  });

builder.queryField('notification_dispatch_methods', (t) =>
  t.field({
    type: DispatchMethods,
    resolve: (_root, _args, { viewer, dispatch }) => {
      if (viewer.kind === 'anonymous') throw forbiddenCollection('notification_dispatch_methods', 'read');
      const configured = dispatchMethodNames.filter((name) => dispatch.configured.has(name));
      return { available: dispatchMethodNames, default: dispatch.defaultMethod, configured };
    },
  }),
);
