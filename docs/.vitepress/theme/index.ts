import type { Theme } from 'vitepress';
// Without fonts of its own: it uses those of the reader's system, so none is downloaded.
import theme from 'vitepress/theme-without-fonts';
import { h } from 'vue';
import HomePicture from './home-picture.vue';
import './style.css';

export default {
  extends: theme,
  Layout: () => h(theme.Layout, null, { 'home-hero-image': () => h(HomePicture) }),
} satisfies Theme;
