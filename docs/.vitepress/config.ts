import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitepress';
import { mark } from '../../src/faces/shared/mark.ts';
import { useFileNames } from './file-names.ts';
import { useSiteLinks } from './links.ts';
import { pagesOutside, sitePathOf } from './pages.ts';
import { sidebar } from './sidebar.ts';
import { slug } from './slug.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** The icon of the site. It is part of each page, so that browsers request no file for it. */
const icon = `data:image/svg+xml,${encodeURIComponent(mark)}`;

/** The files and folders at the root of the repository that are pages or contain some. */
const folders = new Set(['docs', ...[...pagesOutside.keys()].map((file) => file.split('/', 1)[0])]);
const excluded = readdirSync(root, { withFileTypes: true })
  .filter(({ name }) => !folders.has(name))
  .map((entry) => (entry.isDirectory() ? `${entry.name}/**` : entry.name));

export default defineConfig({
  title: 'Tidings',
  description: 'A GraphQL-first notification service that also speaks the APIs of Directus and Coder',
  // Pages outside docs/ belong to the site, too.
  srcDir: '..',
  srcExclude: excluded,
  rewrites: sitePathOf,
  // Addresses of the reader's own machine; tests/docs/links.test.ts follows those of the service.
  ignoreDeadLinks: 'localhostLinks',
  head: [
    ['link', { rel: 'icon', href: icon }],
    ['meta', { name: 'theme-color', content: '#3b5bdb' }],
  ],
  markdown: {
    anchor: { slugify: slug },
    config: (markdown) => {
      useSiteLinks(markdown, root);
      useFileNames(markdown);
    },
  },
  vite: { publicDir: false, build: { chunkSizeWarningLimit: 1500 } },
  themeConfig: {
    logo: { src: icon, alt: '' },
    nav: [
      { text: 'Guides', link: '/guides/start' },
      { text: 'Operate', link: '/deploy' },
      { text: 'Reference', link: '/reference/graphql' },
      { text: 'Changelog', link: '/changelog' },
    ],
    sidebar,
    outline: [2, 3],
    search: { provider: 'local' },
    footer: { message: 'Tidings, released under the MIT licence' },
  },
});
