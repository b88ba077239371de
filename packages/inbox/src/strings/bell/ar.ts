import type { Texts } from '../../format-text.ts';
import type { BellKey } from './en.ts';

const ar: Texts<BellKey> = {
  'bell.arrived': {
    zero: 'لا توجد إشعارات جديدة',
    one: 'إشعار جديد واحد',
    two: 'إشعاران جديدان',
    few: '{count} إشعارات جديدة',
    many: '{count} إشعارًا جديدًا',
    other: '{count} إشعار جديد',
  },
  'bell.failed': 'تعذّر تحميل صندوق الوارد.',
  'bell.hinted': '{label}. {hint}',
  'bell.label': 'الإشعارات',
  'bell.labelNew': {
    zero: 'الإشعارات، لا جديد، غير المقروءة: {unread}',
    one: 'الإشعارات، إشعار جديد واحد، غير المقروءة: {unread}',
    two: 'الإشعارات، إشعاران جديدان، غير المقروءة: {unread}',
    few: 'الإشعارات، {count} إشعارات جديدة، غير المقروءة: {unread}',
    many: 'الإشعارات، {count} إشعارًا جديدًا، غير المقروءة: {unread}',
    other: 'الإشعارات، {count} إشعار جديد، غير المقروءة: {unread}',
  },
  'bell.labelUnread': {
    zero: 'الإشعارات، لا توجد إشعارات غير مقروءة',
    one: 'الإشعارات، إشعار واحد غير مقروء',
    two: 'الإشعارات، إشعاران غير مقروءين',
    few: 'الإشعارات، {count} إشعارات غير مقروءة',
    many: 'الإشعارات، {count} إشعارًا غير مقروء',
    other: 'الإشعارات، {count} إشعار غير مقروء',
  },
  'bell.loading': 'جارٍ التحميل…',
  'bell.offline': 'لا يوجد اتصال',
  'bell.refused': 'يُرجى تسجيل الدخول مجددًا',
  'bell.retry': 'إعادة المحاولة',
};
export default ar;
