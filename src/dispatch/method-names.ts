/** The ways to deliver a message. */
export const methodNames = ['smtp', 'webhook', 'inbox'] as const;
export type MethodName = (typeof methodNames)[number];

/** The methods that a deployment or a template may choose: all but the inbox, which is used in addition. */
export const dispatchMethodNames = ['smtp', 'webhook'] as const satisfies readonly MethodName[];
