'use client';
// The elements as React components: properties and events are typed, and the server renders the bare tags.
import { createComponent, type EventName, type WebComponentProps } from '@lit/react';
import type { ReactiveElement } from 'lit';
import React, { type ForwardRefExoticComponent, type HTMLAttributes, type RefAttributes } from 'react';
import { TidingsBell as BellElement } from './bell.ts';
import type { TokenSource } from './defaults.ts';
import type { TidingsEvents } from './events.ts';
import { TidingsInbox as InboxElement } from './inbox.ts';
import { TidingsPreferences as PreferencesElement } from './preferences.ts';
import { type PropsOf, steadyToken } from './wrappers.ts';

export { type Configuration, configure, type TokenSource } from './defaults.ts';
export type { TidingsEvents } from './events.ts';

declare module 'react' {
  namespace JSX {
    interface IntrinsicElements {
      'tidings-bell': WebComponentProps<BellElement>;
      'tidings-inbox': WebComponentProps<InboxElement>;
      'tidings-preferences': WebComponentProps<PreferencesElement>;
    }
  }
}

/** The names of events by the props that listen to them. */
type EventProps = Readonly<Record<string, keyof TidingsEvents>>;

type Listeners<Events extends EventProps> = {
  readonly [Prop in keyof Events]?: (event: TidingsEvents[Events[Prop]]) => void;
};

/** A component that renders an element; its `ref` is the element. */
export type ElementComponent<Element extends ReactiveElement, Events extends EventProps> = ForwardRefExoticComponent<
  Omit<HTMLAttributes<Element>, keyof PropsOf<Element> | keyof Events> &
    PropsOf<Element> &
    Listeners<Events> &
    RefAttributes<Element>
>;

const ofInbox = {
  onAction: 'tidings-action',
  onCounts: 'tidings-counts',
  onError: 'tidings-error',
  onOpen: 'tidings-open',
  onSelect: 'tidings-select',
} as const;

/** `<tidings-bell>` as a component; events of the inbox in its popover reach it, too. */
export const TidingsBell = componentOf('tidings-bell', BellElement, { ...ofInbox, onToggle: 'tidings-toggle' });

/** `<tidings-inbox>` as a component. */
export const TidingsInbox = componentOf('tidings-inbox', InboxElement, ofInbox);

/** `<tidings-preferences>` as a component. */
export const TidingsPreferences = componentOf('tidings-preferences', PreferencesElement, {
  onError: 'tidings-error',
  onPreferencesChange: 'tidings-preferences-change',
});

function componentOf<Element extends ReactiveElement, const Events extends EventProps>(
  tagName: string,
  elementClass: new () => Element,
  events: Events,
): ElementComponent<Element, Events> {
  // The names are the same; what the functions get is typed by `Listeners`.
  const names = events as unknown as Readonly<Record<string, EventName>>;
  const { name } = elementClass;
  const Wrapped = createComponent({ react: React, tagName, elementClass, events: names, displayName: `Lit(${name})` });
  const Component = React.forwardRef<Element, Props>(({ token, ...props }, ref) => {
    const latest = React.useRef(token);
    React.useEffect(() => {
      latest.current = token;
    });
    const [steady] = React.useState(() => steadyToken(() => latest.current));
    const given = token === undefined ? props : { ...props, token: typeof token === 'function' ? steady : token };
    return React.createElement(Wrapped, { ...given, ref } as React.ComponentProps<typeof Wrapped>);
  });
  Component.displayName = name;
  // What it takes is what `Wrapped` takes.
  return Component as unknown as ElementComponent<Element, Events>;
}

/** The props of which the component itself needs something. */
interface Props {
  readonly token?: TokenSource;
}
