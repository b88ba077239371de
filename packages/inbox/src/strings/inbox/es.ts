import type { Texts } from '../../format-text.ts';
import type { InboxKey } from './en.ts';

const es: Texts<InboxKey> = {
  'action.archive': 'Archivar',
  'action.delete': 'Eliminar',
  'action.markAllRead': 'Marcar todo como leído',
  'action.markRead': 'Marcar como leída',
  'action.markUnread': 'Marcar como no leída',
  'action.retry': 'Reintentar',
  'action.save': 'Guardar',
  'action.snooze': 'Posponer',
  'action.unarchive': 'Mover a la bandeja',
  'action.undo': 'Deshacer',
  'action.unsave': 'Quitar de guardadas',
  'action.unsnooze': 'Devolver ahora',
  'inbox.tabAll': 'Bandeja',
  'inbox.tabArchived': 'Archivadas',
  'inbox.tabSaved': 'Guardadas',
  'inbox.tabSnoozed': 'Pospuestas',
  'inbox.tabUnread': 'Sin leer',
  'inbox.title': 'Notificaciones',
};
export default es;
