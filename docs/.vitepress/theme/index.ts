import type { Theme } from 'vitepress';
// This theme uses the fonts of the reader's system, so that no font is downloaded.
import theme from 'vitepress/theme-without-fonts';
import { h } from 'vue';
import HomePicture from './home-picture.vue';
import './style.css';

export default {
  extends: theme,
  Layout: () => h(theme.Layout, null, { 'home-hero-image': () => h(HomePicture) }),
} satisfies Theme;
