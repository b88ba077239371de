// What the components for React and Vue share.
import type { LitElement, ReactiveElement } from 'lit';
import type { TokenSource } from './defaults.ts';

/** The names that can be assigned to: of an accessor without a setter, the types with and without `readonly` are equal. */
type WritableNames<Target> = {
  [Name in keyof Target]-?: Equal<Pick<Target, Name>, { -readonly [_ in Name]: Target[Name] }> extends true
    ? Name
    : never;
}[keyof Target];

type Equal<One, Other> = (<T>() => T extends One ? 1 : 2) extends <T>() => T extends Other ? 1 : 2 ? true : false;

/** What the class of an element adds to Lit's: its properties, without methods and what can only be read. */
type PropertyNames<Element extends ReactiveElement> = {
  [Name in WritableNames<Omit<Element, keyof LitElement>>]: Element[Name] extends (...given: never[]) => unknown
    ? never
    : Name;
}[WritableNames<Omit<Element, keyof LitElement>>];

/** The properties of an element, all optional. */
export type PropsOf<Element extends ReactiveElement> = { readonly [Name in PropertyNames<Element>]?: Element[Name] };

/**
 * Functions that applications write in place are new ones at each render, but to the elements another function is
 * another user. Returns a function that stays the same and calls the one that is current.
 */
export function steadyToken(current: () => TokenSource | undefined): () => string | Promise<string> {
  return () => {
    const token = current();
    return typeof token === 'function' ? token() : (token ?? '');
  };
}
