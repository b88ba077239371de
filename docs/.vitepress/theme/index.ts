// The fonts of the reader's system: none is downloaded.
import theme from 'vitepress/theme-without-fonts';
import './style.css';

export default theme;
