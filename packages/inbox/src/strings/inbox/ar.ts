import type { Texts } from '../../format-text.ts';
import type { InboxKey } from './en.ts';

const ar: Texts<InboxKey> = {
  'action.archive': 'أرشفة',
  'action.delete': 'حذف',
  'action.markAllRead': 'وضع علامة على الكل كمقروء',
  'action.markRead': 'وضع علامة كمقروء',
  'action.markUnread': 'وضع علامة كغير مقروء',
  'action.retry': 'إعادة المحاولة',
  'action.save': 'حفظ',
  'action.snooze': 'تأجيل',
  'action.unarchive': 'نقل إلى الوارد',
  'action.undo': 'تراجع',
  'action.unsave': 'إزالة من المحفوظات',
  'action.unsnooze': 'إعادة الآن',
  'inbox.tabAll': 'الوارد',
  'inbox.tabArchived': 'المؤرشفة',
  'inbox.tabSaved': 'المحفوظة',
  'inbox.tabSnoozed': 'المؤجلة',
  'inbox.tabUnread': 'غير المقروءة',
  'inbox.title': 'الإشعارات',
};
export default ar;
