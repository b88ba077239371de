import type { Texts } from '../../format-text.ts';
import type { BellKey } from './en.ts';

const zh: Texts<BellKey> = {
  'bell.arrived': { other: '{count} 条新通知' },
  'bell.failed': '无法加载收件箱。',
  'bell.hinted': '{label}。{hint}',
  'bell.label': '通知',
  'bell.labelNew': { other: '通知，{count} 条新通知，{unread} 条未读' },
  'bell.labelUnread': { other: '通知，{count} 条未读' },
  'bell.loading': '正在加载…',
  'bell.offline': '网络未连接',
  'bell.refused': '请重新登录',
  'bell.retry': '重试',
};
export default zh;
