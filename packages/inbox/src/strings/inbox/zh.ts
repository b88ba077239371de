import type { Texts } from '../../format-text.ts';
import type { InboxKey } from './en.ts';

const zh: Texts<InboxKey> = {
  'action.archive': '归档',
  'action.delete': '删除',
  'action.markAllRead': '全部标为已读',
  'action.markRead': '标为已读',
  'action.markUnread': '标为未读',
  'action.retry': '重试',
  'action.save': '收藏',
  'action.snooze': '稍后提醒',
  'action.unarchive': '移至收件箱',
  'action.undo': '撤销',
  'action.unsave': '取消收藏',
  'action.unsnooze': '立即移回收件箱',
  'inbox.tabAll': '收件箱',
  'inbox.tabArchived': '已归档',
  'inbox.tabSaved': '已收藏',
  'inbox.tabSnoozed': '稍后提醒',
  'inbox.tabUnread': '未读',
  'inbox.title': '通知',
};
export default zh;
