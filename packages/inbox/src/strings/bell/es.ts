import type { Texts } from '../../format-text.ts';
import type { BellKey } from './en.ts';

const es: Texts<BellKey> = {
  'bell.arrived': {
    one: '{count} notificación nueva',
    many: '{count} notificaciones nuevas',
    other: '{count} notificaciones nuevas',
  },
  'bell.failed': 'No se ha podido cargar la bandeja de entrada.',
  'bell.hinted': '{label}. {hint}',
  'bell.label': 'Notificaciones',
  'bell.labelNew': {
    one: 'Notificaciones, {count} nueva, {unread} sin leer',
    many: 'Notificaciones, {count} nuevas, {unread} sin leer',
    other: 'Notificaciones, {count} nuevas, {unread} sin leer',
  },
  'bell.labelUnread': {
    one: 'Notificaciones, {count} sin leer',
    many: 'Notificaciones, {count} sin leer',
    other: 'Notificaciones, {count} sin leer',
  },
  'bell.loading': 'Cargando…',
  'bell.offline': 'Sin conexión',
  'bell.refused': 'Vuelve a iniciar sesión',
  'bell.retry': 'Reintentar',
};
export default es;
