import { escapeHtml } from '../../escape-html.ts';
import { type Page, pageHeaders, writePage } from '../shared/html.ts';
import { mark } from '../shared/mark.ts';
import { inboxStyle } from './inbox-style.ts';

/** What the page of the inbox depends on. It contains no data: its script asks for them. */
export interface ShellOptions {
  /** The name of the service as its users know it. */
  readonly name: string;
  /** Whether people can sign in at an identity provider. */
  readonly hasProvider: boolean;
  /** Whether a link for a new password can be mailed. */
  readonly sendsMail: boolean;
  /** The name of the script in the folder `pages`. */
  readonly script: string;
  /** The name of the icon for the home screen of a phone. */
  readonly touchIcon: string;
}

/** The HTML of `/inbox`, `/preferences` and the addresses of single notifications. @param root as for `writePage` */
export function inboxShell({ name, hasProvider, sendsMail, script, touchIcon }: ShellOptions, root: string): string {
  const title = escapeHtml(name);
  return writePage({
    title: name,
    style: inboxStyle,
    root,
    head: `<meta name="robots" content="noindex">
<meta name="theme-color" content="#fbfbfc" media="(prefers-color-scheme: light)">
<meta name="theme-color" content="#111318" media="(prefers-color-scheme: dark)">
<meta name="apple-mobile-web-app-title" content="${title}">
<link rel="manifest" href="${root}manifest.webmanifest">
<link rel="apple-touch-icon" href="${root}pages/${touchIcon}">
<script type="module" src="${root}pages/${script}"></script>`,
    body: `<template>${mark}</template>
<div id="app" data-name="${title}"${hasProvider ? ' data-oidc' : ''}${sendsMail ? ' data-mail' : ''}>
<main class="narrow"><span class="brand">${mark}${title}</span>
<noscript><p class="panel">This page needs JavaScript.</p></noscript></main>
</div>`,
  });
}

const style: Pick<Page, 'style'> = { style: inboxStyle };

export const shellHeaders = {
  ...pageHeaders(style, {
    'script-src': "'self'",
    'connect-src': "'self'",
    // Icons of notifications may be addresses of pictures.
    'img-src': "'self' https:",
    'manifest-src': "'self'",
    'worker-src': "'self'",
  }),
  'cache-control': 'no-cache',
  'x-robots-tag': 'noindex',
} as const;
