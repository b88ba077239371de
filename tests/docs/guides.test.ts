import { pages, testBlocks } from './blocks.ts';

testBlocks(pages().filter((name) => name === 'README.md' || name.startsWith('docs/guides/')));
