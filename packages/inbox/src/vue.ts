// The elements as Vue components: props and events are typed, and the server renders the bare tags.
import type { PropertyDeclaration, ReactiveElement } from 'lit';
import { type ComponentPublicInstance, defineComponent, h } from 'vue';
import { TidingsBell as BellElement } from './bell.ts';
import type { TokenSource } from './defaults.ts';
import type { TidingsEvents } from './events.ts';
import { TidingsInbox as InboxElement } from './inbox.ts';
import { TidingsPreferences as PreferencesElement } from './preferences.ts';
import { type PropsOf, steadyToken } from './wrappers.ts';

export { type Configuration, configure, type TokenSource } from './defaults.ts';
export type { TidingsEvents } from './events.ts';

type CamelCase<Name extends string> = Name extends `${infer First}-${infer Rest}`
  ? `${Capitalize<First>}${CamelCase<Rest>}`
  : Capitalize<Name>;

/** Listeners as Vue names them: `onTidingsAction` is what `@tidings-action` becomes. */
type Listeners<Event extends keyof TidingsEvents> = {
  readonly [Name in Event as `on${CamelCase<Name>}`]?: (event: TidingsEvents[Name]) => void;
};

/** A component that renders an element; its `$el` is the element. */
export interface ElementComponent<Element extends ReactiveElement, Event extends keyof TidingsEvents> {
  new (): ComponentPublicInstance<PropsOf<Element> & Listeners<Event>> & { readonly $el: Element };
}

type EventOfInbox = 'tidings-action' | 'tidings-counts' | 'tidings-error' | 'tidings-open' | 'tidings-select';

/** `<tidings-bell>` as a component; events of the inbox in its popover reach it, too. */
export const TidingsBell = componentOf<BellElement, EventOfInbox | 'tidings-toggle'>('tidings-bell', BellElement);

/** `<tidings-inbox>` as a component. */
export const TidingsInbox = componentOf<InboxElement, EventOfInbox>('tidings-inbox', InboxElement);

/** `<tidings-preferences>` as a component. */
export const TidingsPreferences = componentOf<PreferencesElement, 'tidings-error' | 'tidings-preferences-change'>(
  'tidings-preferences',
  PreferencesElement,
);

/** Listeners and other attributes fall through to the element, which is the root of the component. */
function componentOf<Element extends ReactiveElement, Event extends keyof TidingsEvents>(
  tagName: string,
  elementClass: typeof ReactiveElement,
): ElementComponent<Element, Event> {
  const declared = propertiesOf(elementClass);
  const component = defineComponent({
    name: elementClass.name,
    props: Object.fromEntries(declared),
    setup(props: Readonly<Record<string, unknown>>, { slots }) {
      const current = () => props['token'] as TokenSource | undefined;
      const steady = steadyToken(current);
      return () => {
        const names = Object.keys(props).filter((name) => props[name] !== undefined);
        const given = (name: string) => (name === 'token' && typeof current() === 'function' ? steady : props[name]);
        // A dot makes them properties, which the server does not render.
        return h(tagName, Object.fromEntries(names.map((name) => [`.${name}`, given(name)])), slots['default']?.());
      };
    },
  });
  // The props are those of the element.
  return component as unknown as ElementComponent<Element, Event>;
}

/** The public properties of an element, as Vue declares them. */
function propertiesOf(elementClass: typeof ReactiveElement) {
  // Makes Lit collect the properties of the class and of those it extends.
  void elementClass.observedAttributes;
  return [...elementClass.elementProperties].flatMap(
    ([name, { state, type }]: readonly [PropertyKey, PropertyDeclaration]) =>
      state ? [] : [[String(name), type === Boolean ? { type: Boolean, default: undefined } : null] as const],
  );
}
